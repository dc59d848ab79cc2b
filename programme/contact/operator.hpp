#pragma once

#include <pqxx/transaction_base>

#include <optional>
#include <string>
#include <vector>

/// What the operator's command and the administrators' page ask of the mail: as the owner of the database, or as R16.
namespace programme::contact {

struct MailCount {
    std::string state, oldest;
    long long mails = 0;
};
struct StuckMail {
    long long id = 0;
    std::string login, kind, state, made_at, next_at, error;  // state: dead, or waiting for the next attempt
    int attempts = 0;
};

std::vector<MailCount> mail_status(pqxx::transaction_base& tx);
/// What was given up, then what failed and will be tried again; newest first, 100 at most.
std::vector<StuckMail> stuck_mail(pqxx::transaction_base& tx);
/// Sends one of these again, or all that were given up; how many.
long long revive_mail(pqxx::transaction_base& tx, std::optional<long long> mail = {});

}  // namespace programme::contact
