#include "programme/files/keeper.hpp"

#include "gis_core/log.hpp"
#include "programme/files/scanner.hpp"
#include "programme/files/sql/statements.hpp"
#include "programme/parameters.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <chrono>
#include <fstream>
#include <set>

namespace programme::files {
namespace {

namespace fs = std::filesystem;
using gis_core::db::Actor;
using gis_core::db::Pool;
using gis_core::db::Session;
using Tx = pqxx::transaction_base;

constexpr auto kPause = std::chrono::hours{1};
constexpr auto kLeftOver = std::chrono::hours{24};

template <typename Work>
auto write(Pool& pool, Actor const* actor, Work&& work) {
    return actor != nullptr ? pool.write(*actor, work) : pool.write(work);
}

struct Line {
    std::string sha256;
    std::int64_t bytes = 0;
    bool may_go = false;
    std::string since;
};

}  // namespace

SweepSummary sweep(Pool& pool, Files const& files, Actor const* actor, std::string const& before, bool dry, Say const& said) {
    SweepSummary out;
    std::string after;
    while (true) {
        auto const lines = write(pool, actor, [&](Tx& tx, Session& session) {
            std::vector<Line> all;
            for (auto const& row : execute(tx, session, sql::keeper_let_go, Parameters{}.text(before).text(after)))
                all.push_back({row[0].as<std::string>(), row[1].as<std::int64_t>(), row[2].as<bool>(), row[3].as<std::string>()});
            return all;
        });
        if (lines.empty()) return out;
        after = lines.back().sha256;
        for (auto const& line : lines) {
            if (!line.may_go) continue;
            bool const gone = dry || write(pool, actor, [&](Tx& tx, Session& session) {
                tx.exec("SELECT pg_advisory_xact_lock(hashtext('ocopmap files'))");  // nobody brings that content meanwhile
                execute(tx, session, sql::keeper_hold, Parameters{}.text(line.sha256));
                auto const left_over = execute(tx, session, sql::keeper_drop, Parameters{}.text(line.sha256).text(before));
                for (auto const& row : left_over) files.store().remove(row[0].as<std::string>());
                return !left_over.empty();
            });
            if (!gone) continue;
            said(fmt::format("{} {} bytes", line.sha256, line.bytes));
            ++out.files;
            out.bytes += line.bytes;
            if (out.oldest.empty() || line.since < out.oldest) out.oldest = line.since;
        }
    }
}

std::int64_t scan_waiting(Pool& pool, Files const& files, Actor const* actor) {
    if (files.config().scanner.empty()) return 0;
    auto const waiting = write(pool, actor, [&](Tx& tx, Session& session) {
        std::vector<std::string> all;
        for (auto const& row : execute(tx, session, sql::keeper_waiting)) all.push_back(row[0].as<std::string>());
        return all;
    });
    std::int64_t answered = 0;
    for (auto const& sha256 : waiting) {
        Incoming const place{files.config().incoming / ("one-scan-" + sha256)};
        {
            auto const reader = files.open(sha256);
            std::ofstream out{place.path(), std::ios::binary};
            for (std::int64_t at = 0; at < reader->size();) {
                auto const piece = reader->read(at, 1 << 18);
                if (piece.empty()) break;
                out << piece;
                at += static_cast<std::int64_t>(piece.size());
            }
        }
        auto const verdict = scan(files.config().scanner, place.path());
        if (verdict.kind == ScanVerdict::Kind::unknown) break;  // still away
        bool const is_clean = verdict.kind == ScanVerdict::Kind::clean;
        if (!is_clean) gis_core::log::warn("files: {} is shown no more, the scanner found {}", sha256, verdict.said);
        write(pool, actor, [&](Tx& tx, Session& session) {
            execute(tx, session, sql::keeper_scanned, Parameters{}.text(sha256).text(is_clean ? "clean" : "infected"));
        });
        ++answered;
    }
    return answered;
}

SweepSummary give_up_expired(Pool& pool, Files const& files, Actor const* actor, std::string const& before, bool dry) {
    SweepSummary out;
    auto const ids = write(pool, actor, [&](Tx& tx, Session& session) {
        std::vector<std::string> all;
        if (dry) tx.exec("SAVEPOINT dry");
        for (auto const& row : execute(tx, session, sql::keeper_expired, Parameters{}.text(before))) {
            all.push_back(row["upload"].as<std::string>());
            auto const since = row["since"].as<std::string>();
            if (out.oldest.empty() || since < out.oldest) out.oldest = since;
        }
        if (dry) tx.exec("ROLLBACK TO SAVEPOINT dry");
        return all;
    });
    out.files = static_cast<std::int64_t>(ids.size());
    if (dry) return out;
    std::error_code ignored;
    for (auto const& id : ids) fs::remove(files.config().incoming / (id + ".part"), ignored);
    auto const old = fs::file_time_type::clock::now() - kLeftOver * 2;  // twice what an upload may rest: its row is gone for sure
    for (auto const& entry : fs::directory_iterator{files.config().incoming, ignored}) {
        std::error_code gone;
        if (entry.last_write_time(gone) < old && !gone) fs::remove(entry.path(), gone);
    }
    return out;
}

CheckSummary check_all(Pool& pool, Files const& files, Say const& said) {
    CheckSummary out;
    std::set<std::string> needed;
    std::string after;
    while (true) {
        auto const lines = pool.read("", [&](Tx& tx, Session& session) {
            std::vector<Line> all;
            for (auto const& row : execute(tx, session, sql::stored_contents, Parameters{}.text(after)))
                all.push_back({row[0].as<std::string>(), row[1].as<std::int64_t>(), false, {}});
            return all;
        });
        if (lines.empty()) break;
        after = lines.back().sha256;
        for (auto const& line : lines) {
            needed.insert(line.sha256);
            ++out.checked;
            auto const reader = files.store().open(line.sha256);
            if (!reader) {
                ++out.missing;
                said(line.sha256 + " is missing");
            } else if (reader->size() != line.bytes || sha256_of(*reader) != line.sha256) {
                ++out.broken;
                said(line.sha256 + " is not what it was");
            }
        }
    }
    files.store().each([&](std::string const& sha256) {
        if (needed.contains(sha256)) return;
        ++out.strays;
        said(sha256 + " is needed by no row");
    });
    return out;
}

void Keeper::start() {
    if (!files_.config().place.empty()) thread_ = std::thread{[this] { run(); }};
}

void Keeper::stop() {
    {
        std::lock_guard const lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Keeper::run() {
    Actor const keeper{.role = "ocopmap_keeper", .account = 0, .grant = 0, .request = {}, .reason = "ocopmap-api"};
    for (;;) {
        try {
            scan_waiting(pool_, files_, &keeper);
        } catch (std::exception const& error) {
            gis_core::log::warn("files: the keeper stopped in this round: {}", error.what());
        }
        std::unique_lock lock{mutex_};
        if (wake_.wait_for(lock, kPause, [this] { return stopping_; })) return;
    }
}

}  // namespace programme::files
