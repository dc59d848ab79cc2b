#pragma once

#include "programme/accounts/secrets.hpp"
#include "programme/dictionary/dictionary.hpp"
#include "programme/imports/jobs.hpp"

#include <chrono>
#include <functional>

namespace programme::imports {

/// Does jobs, one at a time: reads the file into staging, checks every row by records::read_values, merges the good ones in one
/// transaction on behalf of the job's owner, and finds overlaps. A job is held by a lock that its process' end releases; whoever finds
/// one begun and not held goes on: from the beginning, or with the overlaps when the rows are in. One thread at a time.
class Runner {
public:
    /// pool: three connections at least, with time for long statements. is_stopping: asked every thousand rows.
    Runner(gis_core::db::Pool& pool, dictionary::Dictionary const& dictionary, accounts::Vault const& vault, std::function<bool()> is_stopping)
        : pool_{pool}, dictionary_{dictionary}, vault_{vault}, is_stopping_{std::move(is_stopping)} {}

    /// The next job that waits. False: there is none.
    bool run_next();
    /// This job, for the operator's command.
    void run(std::int64_t key);

private:
    struct Work;
    bool hold(std::int64_t key, bool is_operator);
    void perform(Work& work);
    void read(Work& work);
    void merge(Work& work);
    void find_overlaps(Work& work);

    gis_core::db::Pool& pool_;
    dictionary::Dictionary const& dictionary_;
    accounts::Vault const& vault_;
    std::function<bool()> is_stopping_;
};

}  // namespace programme::imports
