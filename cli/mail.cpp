#include "cli/command.hpp"
#include "programme/contact/operator.hpp"

#include <CLI/App.hpp>
#include <pqxx/pqxx>

#include <cstdio>

namespace cli {

void add_mail(CLI::App& app, Context& context) {
    auto* mail = app.add_subcommand("mail", "what goes out by e-mail");
    mail->require_subcommand(1);
    mail->add_subcommand("status", "how much waits, was sent, was given up and why")->callback([&context] {
        pqxx::connection connection{context.database()};
        pqxx::read_transaction tx{connection};
        auto const counts = programme::contact::mail_status(tx);
        if (counts.empty()) std::printf("no mail yet\n");
        for (auto const& count : counts) std::printf("%-8s %8lld   oldest %s\n", count.state.c_str(), count.mails, count.oldest.c_str());
        for (auto const& stuck : programme::contact::stuck_mail(tx))
            std::printf("%s: %lld to %s (%s), made %s, %d attempts: %s\n", stuck.state == "dead" ? "given up" : "failed", stuck.id, stuck.login.c_str(),
                        stuck.kind.c_str(), stuck.made_at.c_str(), stuck.attempts, stuck.error.c_str());
    });
    mail->add_subcommand("retry", "send once more what was given up")->callback([&context] {
        pqxx::connection connection{context.database()};
        pqxx::work tx{connection};
        auto const revived = programme::contact::revive_mail(tx);
        tx.commit();
        std::printf("%lld mails wait again\n", revived);
    });
}

}  // namespace cli
