#include "programme/audit/sealer.hpp"

#include "gis_core/log.hpp"
#include "programme/audit/chain.hpp"
#include "programme/audit/sql/statements.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace programme::audit {
namespace {

constexpr int kPause = 250;           // ms between two looks: sealed well within a second
constexpr std::size_t kChunk = 5000;  // entries a statement

bool has_unsealed(Connection& connection) { return connection.query("SELECT EXISTS (SELECT FROM audit.entry WHERE seq IS NULL)").at(0).at(0) == "t"; }

/// One run, in one transaction: at most what unsealed_copy.sql gives.
std::int64_t seal_once(Connection& connection) {
    connection.query("BEGIN");
    connection.query("SELECT pg_advisory_xact_lock(hashtext('ocopmap audit seal'))");  // then the next statement sees what the last holder did
    auto [seq, hash] = read_head(connection);
    auto const first = seq + 1;
    std::vector<std::int64_t> keys;
    std::string hashes{reinterpret_cast<char const*>(hash.data()), hash.size()};
    connection.copy(sql::unsealed_copy.text, [&](std::string_view row) {
        auto const entry = parse_entry(row);
        hash = link(hash, ++seq, entry.content);
        keys.push_back(entry.entry_key);
        hashes.append(reinterpret_cast<char const*>(hash.data()), hash.size());
        return true;
    });
    for (std::size_t at = 0; at < keys.size(); at += kChunk) {
        auto const count = std::min(kChunk, keys.size() - at);
        std::string list = "{";
        for (std::size_t i = at; i < at + count; ++i) list += (i == at ? "" : ",") + std::to_string(keys[i]);
        connection.seal(first + static_cast<std::int64_t>(at), list + "}", std::string_view{hashes}.substr(at * hash.size(), (count + 1) * hash.size()));
    }
    connection.query("COMMIT");
    return static_cast<std::int64_t>(keys.size());
}

}  // namespace

std::int64_t seal_all(std::string const& conninfo) {
    Connection connection{conninfo, "ocopmap audit seal"};
    std::int64_t sealed = 0;
    while (has_unsealed(connection)) sealed += seal_once(connection);
    return sealed;
}

void Sealer::start() {
    thread_ = std::thread{[this] { follow(); }};
}

void Sealer::stop() {
    {
        std::lock_guard const lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool Sealer::wait_stopped(int milliseconds) {
    std::unique_lock lock{mutex_};
    return wake_.wait_for(lock, std::chrono::milliseconds{milliseconds}, [this] { return stopping_; });
}

void Sealer::follow() {
    auto pause = kPause;
    do {
        auto const before = sealed_.load();
        try {
            follow_connected();
            return;
        } catch (std::exception const& error) {
            gis_core::log::warn("audit sealer: {}; trying again", error.what());
        }
        pause = sealed_ > before ? kPause : std::min(pause * 2, 5000);
    } while (!wait_stopped(pause));
}

void Sealer::follow_connected() {
    Connection connection{conninfo_, "ocopmap-api sealer"};
    connection.query("SET ROLE ocopmap_sealer");
    do {
        if (has_unsealed(connection)) sealed_ += seal_once(connection);
    } while (!wait_stopped(kPause));
}

}  // namespace programme::audit
