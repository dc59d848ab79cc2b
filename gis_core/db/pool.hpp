#pragma once

#include "gis_core/db/statement.hpp"

#include <pqxx/connection>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/transaction>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace gis_core::db {

/// SQLSTATE; libpqxx knows some of them by type only.
std::string state_of(pqxx::sql_error const& error);
/// What the server said first, without "ERROR: " and context: only for messages that our own functions raise.
std::string message_of(pqxx::sql_error const& error);

struct PoolConfig {
    std::string conninfo;                      // libpq keywords, never logged
    std::string application_name = "ocopmap";  // reads as a story in pg_stat_activity
    int size = 4;
    std::chrono::milliseconds wait_deadline{2000};       // then Error(overloaded)
    std::chrono::milliseconds statement_timeout{10000};  // below nginx's read timeout
};

/// On whose behalf a transaction runs (docs/adr/0008): the database role it takes, and the settings that auth.account(),
/// auth.grant_key() and the audit read. All of it ends with the transaction.
struct Actor {
    std::string role;       // "ocopmap_r04"
    long long account = 0;  // auth.account; 0: nobody
    long long grant = 0;    // auth.role_grant; 0: none
    std::string request;    // id of the request
    std::string reason;     // why, where somebody has to say
};

/// A connection and the names already prepared on it. One thread at a time.
class Session {
public:
    explicit Session(PoolConfig const& config);
    pqxx::connection& connection() { return connection_; }
    /// Prepares the statement on first use; then tx.exec_prepared(statement.name, …).
    void prepare(Statement const& statement);

private:
    pqxx::connection connection_;
    std::set<std::string> prepared_;
};

/// Connections that are reused, and thrown away when anything went wrong with them (a killed backend leaves a libpqxx
/// connection that throws for ever). Translates libpqxx's exceptions to Error: broken connection, timeout and
/// too many clients → overloaded; unique or exclusion violation → conflict; a right an actor lacks → forbidden; everything
/// else → internal.
class Pool {
public:
    explicit Pool(PoolConfig config);

    /// Runs work(tx, session) in a READ ONLY transaction. at_date: SET LOCAL ocopmap.at (ISO date), empty for today.
    template <typename Work>
    auto read(std::string const& at_date, Work&& work) {
        return read_as(at_date, nullptr, std::forward<Work>(work));
    }
    /// The same on behalf of an actor.
    template <typename Work>
    auto read(std::string const& at_date, Actor const& actor, Work&& work) {
        return read_as(at_date, &actor, std::forward<Work>(work));
    }
    /// Runs work(tx, session) in a read-write transaction and commits it.
    template <typename Work>
    auto write(Work&& work) {
        return write_as(nullptr, std::forward<Work>(work));
    }
    /// The same on behalf of an actor.
    template <typename Work>
    auto write(Actor const& actor, Work&& work) {
        return write_as(&actor, std::forward<Work>(work));
    }
    /// Borrows a session for work that manages its own transactions (cursors, COPY, LISTEN).
    template <typename Work>
    auto run(Work&& work) {
        return run_as(nullptr, std::forward<Work>(work));
    }

    PoolConfig const& config() const noexcept { return config_; }
    /// True when a connection answers SELECT 1; opens one when needed. For /readyz.
    bool answers() noexcept;

private:
    template <typename Work>
    auto read_as(std::string const& at_date, Actor const* actor, Work&& work) {
        return run_as(actor, [&](Session& session) {
            pqxx::read_transaction tx{session.connection()};
            set_actor(tx, actor);
            set_at(tx, at_date);
            return work(static_cast<pqxx::transaction_base&>(tx), session);
        });
    }
    template <typename Work>
    auto write_as(Actor const* actor, Work&& work) {
        return run_as(actor, [&](Session& session) {
            pqxx::work tx{session.connection()};
            set_actor(tx, actor);
            if constexpr (std::is_void_v<decltype(work(static_cast<pqxx::transaction_base&>(tx), session))>) {
                work(static_cast<pqxx::transaction_base&>(tx), session);
                tx.commit();
            } else {
                auto result = work(static_cast<pqxx::transaction_base&>(tx), session);
                tx.commit();
                return result;
            }
        });
    }
    template <typename Work>
    auto run_as(Actor const* actor, Work&& work) {
        Lease lease{*this};
        try {
            if constexpr (std::is_void_v<decltype(work(*lease.session))>) {
                work(*lease.session);
                lease.keep = true;
            } else {
                auto result = work(*lease.session);
                lease.keep = true;
                return result;
            }
        } catch (...) {
            lease.keep = survives_current_exception();
            rethrow_translated(actor != nullptr);
        }
    }

    struct Lease {
        explicit Lease(Pool& owner) : pool{owner}, session{owner.acquire()} {}
        ~Lease() { pool.release(std::move(session), keep); }
        Lease(Lease const&) = delete;
        Lease& operator=(Lease const&) = delete;
        Pool& pool;
        std::unique_ptr<Session> session;
        bool keep = false;
    };
    std::unique_ptr<Session> acquire();
    void release(std::unique_ptr<Session> session, bool keep) noexcept;
    static void set_actor(pqxx::transaction_base& tx, Actor const* actor);
    static void set_at(pqxx::transaction_base& tx, std::string const& at_date);
    static bool survives_current_exception() noexcept;
    [[noreturn]] static void rethrow_translated(bool has_actor);

    PoolConfig config_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<Session>> idle_;
    int open_ = 0;
};

}  // namespace gis_core::db
