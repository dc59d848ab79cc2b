#include "programme/contact/operator.hpp"

#include "programme/contact/sql/statements.hpp"

#include <pqxx/pqxx>

namespace programme::contact {

std::vector<MailCount> mail_status(pqxx::transaction_base& tx) {
    std::vector<MailCount> counts;
    for (auto const& row : tx.exec(sql::mail_status.text))
        counts.push_back({row["state"].as<std::string>(), row["oldest"].as<std::string>(), row["mails"].as<long long>()});
    return counts;
}

std::vector<DeadMail> dead_mail(pqxx::transaction_base& tx) {
    std::vector<DeadMail> mails;
    for (auto const& row : tx.exec(sql::mail_dead.text))
        mails.push_back({row["mail_key"].as<long long>(), row["login"].as<std::string>(), row["kind"].as<std::string>(), row["made_at"].as<std::string>(),
                         row["last_error"].as<std::string>(), row["attempts"].as<int>()});
    return mails;
}

long long revive_mail(pqxx::transaction_base& tx) { return static_cast<long long>(tx.exec(sql::mail_again.text).affected_rows()); }

}  // namespace programme::contact
