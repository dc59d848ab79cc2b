#include "programme/contact/operator.hpp"

#include "programme/contact/sql/statements.hpp"
#include "programme/parameters.hpp"

#include <pqxx/pqxx>

namespace programme::contact {

std::vector<MailCount> mail_status(pqxx::transaction_base& tx) {
    std::vector<MailCount> counts;
    for (auto const& row : tx.exec(sql::mail_status.text))
        counts.push_back({row["state"].as<std::string>(), row["oldest"].as<std::string>(), row["mails"].as<long long>()});
    return counts;
}

std::vector<StuckMail> stuck_mail(pqxx::transaction_base& tx) {
    std::vector<StuckMail> mails;
    for (auto const& row : tx.exec(sql::mail_stuck.text)) {
        auto const text = [&](char const* column) { return row[column].as<std::string>(); };
        mails.push_back({row["mail_key"].as<long long>(), text("login"), text("kind"), text("state"), text("made_at"), text("next_at"), text("last_error"),
                         row["attempts"].as<int>()});
    }
    return mails;
}

long long revive_mail(pqxx::transaction_base& tx, std::optional<long long> mail) {
    Parameters values;
    values.number(mail);
    return tx.exec_params1(sql::mail_again.text, pqxx::prepare::make_dynamic_params(values.values()))[0].as<long long>();
}

}  // namespace programme::contact
