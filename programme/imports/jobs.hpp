#pragma once

#include "gis_core/db/pool.hpp"

#include <pqxx/transaction_base>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Imports of many rows as jobs (docs/reference/import.md): who hands in a file gets a job, a worker does it.
namespace programme::imports {

inline constexpr std::size_t kMostFileBytes = 128 * 1024 * 1024;
inline constexpr std::int64_t kMostRows = 500'000;
inline constexpr int kMostOpenJobs = 5;  // of one account

/// What somebody asks for.
struct Order {
    long long account = 0, grant = 0;  // 0: the operator's command
    std::string role;                  // whose fields the file may hold: R04
    std::string request, reason;       // for the history of the rows
    std::string entity;
    std::string file_name, file_format;          // "plots.xlsx", "xlsx"
    bool partial = false;                        // take the good rows; else all or none
    std::map<std::string, std::string> renamed;  // column of the file -> field, or "-"
    int epsg = 0;                                // of coordinates; 0: what the file says
    std::string layer;
};

struct Job {
    std::int64_t key = 0;
    std::string entity, file_name, file_format, role, state, phase, message, created_at, started_at, finished_at;
    bool partial = false, cancel_wanted = false;
    std::optional<std::int64_t> rows_total;
    std::int64_t rows_read = 0, rows_merged = 0, rows_taken = 0, rows_unchanged = 0, rows_refused = 0;
    std::int64_t same = 0, dispute = 0, sliver = 0;  // pairs that share ground
    double merged_s = 0, overlap_s = 0;              // from the start to the merge, and from there to the end
    bool has_ended() const { return state == "done" || state == "failed" || state == "cancelled"; }
};

/// From 0 to 1: reading and merging each go once through the rows.
double progress(Job const& job);

// Each of these in a transaction of who owns the job.

/// Puts the order and its file in the queue. \throws Error(too_many_requests) where the account has too many open.
std::int64_t add(pqxx::transaction_base& tx, Order const& order, std::string_view file);
/// One's own jobs, newest first.
std::vector<Job> list(pqxx::transaction_base& tx, int limit);
std::optional<Job> find(pqxx::transaction_base& tx, std::int64_t key);
/// \throws Error(not_found), Error(conflict) when it has ended or its rows are in the record.
void cancel(pqxx::transaction_base& tx, std::int64_t key);

/// The worker between merges.
gis_core::db::Actor importer();
/// The operator's command: its own login.
gis_core::db::Actor operator_actor(std::string reason);

}  // namespace programme::imports
