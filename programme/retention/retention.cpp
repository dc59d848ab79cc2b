#include "programme/retention/retention.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "gis_core/log.hpp"
#include "programme/files/keeper.hpp"
#include "programme/parameters.hpp"
#include "programme/retention/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <regex>

namespace programme::retention {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::db::Actor;
using gis_core::db::Pool;
using gis_core::db::Session;
using Tx = pqxx::transaction_base;

constexpr char const* kFile = "retention.csv";
constexpr char const* kUploads = "uploads";  // these two have bytes outside the database
constexpr char const* kStrayFiles = "stray-files";

template <typename Work>
auto write(Pool& pool, Actor const* actor, Work&& work) {
    return actor != nullptr ? pool.write(*actor, work) : pool.write(work);
}

std::string before(Tx& tx, Session& session, std::string const& day, Kind const& kind) {
    return execute(tx, session, sql::retention_before, Parameters{}.text(day).text(kind.period))[0][0].as<std::string>();
}

void note(Tx& tx, Session& session, std::string const& day, Outcome const& done) {
    execute(tx, session, sql::retention_note, Parameters{}.text(day).text(done.kind).number(done.rows).text(done.oldest));
}

/// Work of one transaction, noted with it; taken back when it was only tried. Nothing when the day's work was done already.
template <typename Work>
std::optional<Outcome> in_one(Pool& pool, Actor const* actor, std::string const& day, std::string const& kind, How how, Work&& work) {
    return write(pool, actor, [&](Tx& tx, Session& session) -> std::optional<Outcome> {
        tx.exec("SELECT pg_advisory_xact_lock(hashtext('ocopmap retention'))");  // then the next statement sees what the last holder did
        bool const is_done = execute(tx, session, sql::retention_done, Parameters{}.text(day).text(kind))[0][0].as<bool>();
        if (is_done && how == How::once) return std::nullopt;
        if (how == How::dry) tx.exec("SAVEPOINT dry");
        Outcome const done = work(tx, session);
        if (how == How::dry) tx.exec("ROLLBACK TO SAVEPOINT dry");
        else note(tx, session, day, done);
        return done;
    });
}

std::optional<Outcome> expire(Pool& pool, Actor const* actor, std::string const& day, Kind const& kind, How how) {
    return in_one(pool, actor, day, kind.id, how, [&](Tx& tx, Session& session) {
        auto const row = execute(tx, session, sql::retention_expire, Parameters{}.text(kind.id).text(before(tx, session, day, kind)))[0];
        return Outcome{kind.id, row["rows"].as<std::int64_t>(), row["oldest"].as<std::string>(), {}};
    });
}

/// Bytes and rows do not go in one transaction; each file does, so that work cut short leaves nothing half done.
std::optional<Outcome> clear_files(Pool& pool, files::Files const& files, Actor const* actor, std::string const& day, Kind const& kind, How how) {
    auto const moment = write(pool, actor, [&](Tx& tx, Session& session) {
        bool const is_done = execute(tx, session, sql::retention_done, Parameters{}.text(day).text(kind.id))[0][0].as<bool>();
        return is_done && how == How::once ? std::string{} : before(tx, session, day, kind);
    });
    if (moment.empty()) return std::nullopt;
    bool const dry = how == How::dry;
    auto const swept = kind.id == kUploads ? files::give_up_expired(pool, files, actor, moment, dry) : files::sweep(pool, files, actor, moment, dry, [](std::string_view) {});
    Outcome done{kind.id, swept.files, swept.oldest, {}};
    if (!dry) write(pool, actor, [&](Tx& tx, Session& session) { note(tx, session, day, done); });
    return done;
}

/// A month needs the parent tables for a moment; it waits 5 s for whoever holds them, and the next look tries again.
std::optional<Outcome> make_months(Pool& pool, Actor const* actor, std::string const& day, How how) {
    return in_one(pool, actor, day, kMonths, how, [&](Tx& tx, Session& session) {
        tx.exec("SET LOCAL lock_timeout = '5s'");
        return Outcome{kMonths, execute(tx, session, sql::months_ahead, Parameters{}.text(day))[0][0].as<std::int64_t>(), {}, {}};
    });
}

}  // namespace

List List::load(std::filesystem::path const& data) { return parse(gis_core::io::read_bytes(data / kFile)); }

List List::parse(std::string_view csv) {
    static std::regex const id{"[a-z]+(-[a-z]+)*"}, table_name{"[a-z_]+\\.[a-z_]+"}, period{"P[0-9]{1,3}[DMY]"}, basis{"proposal|law: .+"}, any{".+"};
    List out;
    auto const table = gis_core::io::parse_csv(csv, kFile);
    for (auto const& row : table.rows) {
        auto const read = [&](char const* column, std::regex const& form, char const* allowed) {
            auto const& value = table.at(row, column);
            if (!std::regex_match(value, form))
                throw Error{ErrorKind::invalid_argument, fmt::format("{}:{}: {} is '{}', must be {}", kFile, row.line, column, value, allowed)};
            return value;
        };
        static std::regex const does{"deleted|blanked|kept"};
        Kind kind{.id = read("kind", id, "small letters and hyphens"),
                  .title = {read("title_vi", any, "a text"), read("title_en", any, "a text")},
                  .table = read("table", table_name, "schema.table"),
                  .starts = read("starts", any, "what begins the period"),
                  .period = read("period", period, "a period of days, months or years, as P30D, P12M, P10Y"),
                  .does = Does::kept,
                  .basis = read("basis", basis, "proposal, or law: and which")};
        auto const word = read("does", does, "deleted, blanked or kept");
        kind.does = word == "deleted" ? Does::deleted : word == "blanked" ? Does::blanked : Does::kept;
        if (std::any_of(out.kinds_.begin(), out.kinds_.end(), [&](Kind const& other) { return other.id == kind.id; }))
            throw Error{ErrorKind::invalid_argument, fmt::format("{}:{}: kind {} stands twice", kFile, row.line, kind.id)};
        out.kinds_.push_back(std::move(kind));
    }
    return out;
}

Kind const& List::kind(std::string_view id) const {
    auto const found = std::find_if(kinds_.begin(), kinds_.end(), [&](Kind const& kind) { return kind.id == id; });
    if (found == kinds_.end()) throw Error{ErrorKind::not_found, fmt::format("{} has no kind {}", kFile, id)};
    return *found;
}

std::string before(Pool& pool, Kind const& kind) {
    return pool.read("", [&](Tx& tx, Session& session) { return before(tx, session, execute(tx, session, sql::retention_day)[0][0].as<std::string>(), kind); });
}

std::vector<Outcome> run_day(Pool& pool, files::Files const* files, Actor const* actor, List const& list, std::string day, How how,
                             std::function<bool()> const& stop) {
    if (day.empty()) day = write(pool, actor, [](Tx& tx, Session& session) { return execute(tx, session, sql::retention_day)[0][0].as<std::string>(); });
    std::vector<Outcome> all;
    auto const add = [&](char const* kind, auto&& work) {
        try {
            if (std::optional<Outcome> done = work()) all.push_back(*std::move(done));
        } catch (std::exception const& error) {
            gis_core::log::warn("retention: {} was not done: {}", kind, error.what());
        }
    };
    add(kMonths, [&] { return make_months(pool, actor, day, how); });
    for (auto const& kind : list.kinds()) {
        if (stop()) break;
        bool const is_stored = kind.id == kUploads || kind.id == kStrayFiles;
        if (kind.does == Does::kept || (is_stored && files == nullptr)) continue;
        add(kind.id.c_str(), [&] { return is_stored ? clear_files(pool, *files, actor, day, kind, how) : expire(pool, actor, day, kind, how); });
    }
    return all;
}

std::vector<Outcome> last_runs(Tx& tx, Session& session) {
    std::vector<Outcome> all;
    for (auto const& row : execute(tx, session, sql::retention_last))
        all.push_back({row["kind"].as<std::string>(), row["rows"].as<std::int64_t>(), row["oldest"].as<std::string>(), row["at"].as<std::string>()});
    return all;
}

}  // namespace programme::retention
