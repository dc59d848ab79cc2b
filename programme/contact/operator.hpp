#pragma once

#include <pqxx/transaction_base>

#include <string>
#include <vector>

/// What the operator's command asks of the mail; runs as the owner of the database.
namespace programme::contact {

struct MailCount {
    std::string state, oldest;
    long long mails = 0;
};
struct DeadMail {
    long long id = 0;
    std::string login, kind, made_at, error;
    int attempts = 0;
};

std::vector<MailCount> mail_status(pqxx::transaction_base& tx);
/// What was given up, newest first, 100 at most.
std::vector<DeadMail> dead_mail(pqxx::transaction_base& tx);
/// Sends it again; how many.
long long revive_mail(pqxx::transaction_base& tx);

}  // namespace programme::contact
