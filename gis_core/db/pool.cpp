#include "gis_core/db/pool.hpp"

#include "gis_core/error.hpp"
#include "gis_core/log.hpp"

#include <fmt/format.h>
#include <pqxx/except>

namespace gis_core::db {

std::string state_of(pqxx::sql_error const& error) {
    if (auto const& state = error.sqlstate(); !state.empty()) return state;
    if (dynamic_cast<pqxx::insufficient_privilege const*>(&error) != nullptr) return "42501";
    if (dynamic_cast<pqxx::unique_violation const*>(&error) != nullptr) return "23505";
    if (dynamic_cast<pqxx::check_violation const*>(&error) != nullptr) return "23514";
    if (dynamic_cast<pqxx::integrity_constraint_violation const*>(&error) != nullptr) return "23000";
    return {};
}

std::string message_of(pqxx::sql_error const& error) {
    std::string_view said{error.what()};
    said = said.substr(0, said.find('\n'));
    if (auto const colon = said.find(":  "); colon != std::string_view::npos) said.remove_prefix(colon + 3);
    return std::string{said};
}

Session::Session(PoolConfig const& config) : connection_{config.conninfo} {
    connection_.set_variable("application_name", "'" + config.application_name + "'");
    pqxx::nontransaction{connection_}.exec(
        fmt::format("SET statement_timeout = {}; SET jit = off; SET max_parallel_workers_per_gather = 0; SET TIME ZONE 'Asia/Ho_Chi_Minh';"
                    "SET client_min_messages = warning; SET plan_cache_mode = force_custom_plan",
                    config.statement_timeout.count()));
}

void Session::prepare(Statement const& statement) {
    if (prepared_.insert(statement.name).second) connection_.prepare(statement.name, statement.text);
}

Pool::Pool(PoolConfig config) : config_{std::move(config)} {}

std::unique_ptr<Session> Pool::acquire() {
    std::unique_lock lock{mutex_};
    if (!freed_.wait_for(lock, config_.wait_deadline, [&] { return !idle_.empty() || open_ < config_.size; })) {
        throw Error{ErrorKind::overloaded, "all database connections are busy; try again in a moment"};
    }
    if (!idle_.empty()) {
        auto session = std::move(idle_.back());
        idle_.pop_back();
        return session;
    }
    ++open_;
    lock.unlock();
    try {
        return std::make_unique<Session>(config_);
    } catch (std::exception const& error) {
        {
            std::lock_guard relock{mutex_};
            --open_;
        }
        freed_.notify_one();
        log::warn("database connect failed: {}", error.what());
        throw Error{ErrorKind::overloaded, "the database does not answer; try again in a moment"};
    }
}

void Pool::release(std::unique_ptr<Session> session, bool keep) noexcept {
    {
        std::lock_guard lock{mutex_};
        if (keep) idle_.push_back(std::move(session));
        else --open_;
    }
    session.reset();
    freed_.notify_one();
}

void Pool::set_at(pqxx::transaction_base& tx, std::string const& at_date) {
    if (!at_date.empty()) tx.exec_params("SELECT set_config('ocopmap.at', $1, true)", at_date);
}

void Pool::set_actor(pqxx::transaction_base& tx, Actor const* actor) {
    if (actor == nullptr) return;
    auto const key = [](long long value) { return value == 0 ? std::string{} : std::to_string(value); };
    // set_config('role', …, true) is SET LOCAL ROLE with the name as a value.
    tx.exec_params(
        "SELECT set_config('ocopmap.account', $2, true), set_config('ocopmap.grant', $3, true), set_config('ocopmap.request', $4, true),"
        " set_config('ocopmap.reason', $5, true), set_config('role', $1, true)",
        actor->role, key(actor->account), key(actor->grant), actor->request, actor->reason);
}

bool Pool::answers() noexcept {
    try {
        return run([](Session& session) { return !pqxx::nontransaction{session.connection()}.exec("SELECT 1").empty(); });
    } catch (std::exception const&) {
        return false;
    }
}

bool Pool::survives_current_exception() noexcept {
    try {
        throw;
    } catch (Error const&) {
        return true;  // ours, thrown between statements: the transaction object has rolled back
    } catch (pqxx::broken_connection const&) {
        return false;
    } catch (pqxx::sql_error const& error) {
        auto const state = state_of(error);
        return !state.empty() && !state.starts_with("57P") && !state.starts_with("08");  // server going down, connection lost
    } catch (...) {
        return false;
    }
}

void Pool::rethrow_translated(bool has_actor) {
    try {
        throw;
    } catch (Error const&) {
        throw;
    } catch (pqxx::broken_connection const& error) {
        log::warn("database connection lost: {}", error.what());
        throw Error{ErrorKind::overloaded, "the database does not answer; try again in a moment"};
    } catch (pqxx::sql_error const& error) {
        auto const state = state_of(error);
        // What follows the first line may hold values of a row: an account's are nobody's business.
        std::string_view const said{error.what()};
        log::warn("sqlstate={} {}", state, has_actor ? said.substr(0, said.find('\n')) : said);
        if (state == "57014") throw Error{ErrorKind::overloaded, "the query took too long; ask for less, or try again"};
        if (state.empty() || state.starts_with("57P") || state.starts_with("08") || state.starts_with("53")) {
            throw Error{ErrorKind::overloaded, "the database does not answer; try again in a moment"};
        }
        if (state == "25006") throw Error{ErrorKind::overloaded, "the record is read-only while the disk is nearly full; nothing was changed"};
        if (has_actor && state == "42501") throw Error{ErrorKind::forbidden, "the role you act under may not do this"};
        if (state == "23505" || state == "23P01") throw Error{ErrorKind::conflict, "the row contradicts one that exists"};
        throw Error{ErrorKind::internal, "the database refused a statement"};
    }
}

}  // namespace gis_core::db
