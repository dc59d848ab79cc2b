#pragma once

#include "gis_core/db/pool.hpp"
#include "programme/dictionary/dictionary.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace programme::files {
class Files;
}

/// What ages goes when its time is over (docs/reference/retention.md): times and kinds in data/retention.csv, how each goes in
/// retention.expire() of the database.
namespace programme::retention {

enum class Does { deleted, blanked, kept };

struct Kind {
    std::string id;
    dictionary::Text title;
    std::string table;
    std::string starts;  // what begins the period
    std::string period;  // ISO 8601: P30D, P12M
    Does does = Does::kept;
    std::string basis;  // "law: …" or "proposal"
};

/// Immutable once loaded; shared freely between threads.
class List {
public:
    /// \throws gis_core::Error(invalid_argument) naming line, column, value and what is allowed.
    static List load(std::filesystem::path const& data);
    static List parse(std::string_view csv);
    std::vector<Kind> const& kinds() const { return kinds_; }
    /// \throws gis_core::Error(not_found).
    Kind const& kind(std::string_view id) const;

private:
    std::vector<Kind> kinds_;
};

/// What was done, or would be, of a kind.
struct Outcome {
    std::string kind;
    std::int64_t rows = 0;
    std::string oldest;  // where the period of the oldest began; empty: there was none
    std::string at;      // of an earlier run: when
};

/// Partitions are made where rows are taken away; this stands for them in the reports.
inline constexpr char const* kMonths = "months-ahead";

/// The moment before which a kind's period had to begin to be over today.
std::string before(gis_core::db::Pool& pool, Kind const& kind);

enum class How { once, again, dry };  // a day's work once; whether or not it was done; only to see what it would do

/// The work of a day (empty: today's), kind by kind, each in a transaction of its own; a kind that fails is logged, and the others go on.
/// files: none where this process stores none. Kinds that are kept, or were done that day, have no outcome.
/// stop: asked before each.
std::vector<Outcome> run_day(gis_core::db::Pool& pool, files::Files const* files, gis_core::db::Actor const* actor, List const& list, std::string day, How how,
                             std::function<bool()> const& stop);

/// The last time each kind was looked at, for administrators.
std::vector<Outcome> last_runs(pqxx::transaction_base& tx, gis_core::db::Session& session);

}  // namespace programme::retention
