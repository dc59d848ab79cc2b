#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct pg_conn;

namespace programme::audit {

/// BLAKE2b-256. The chain begins with 32 zero bytes.
using Hash = std::array<unsigned char, 32>;

std::string to_hex(Hash const& hash);

/// A libpq connection: the chain is read and written as binary streams, which libpqxx does not offer.
class Connection {
public:
    /// \throws Error(overloaded) when the database does not answer.
    Connection(std::string const& conninfo, char const* application_name);
    /// Runs statements; the rows of the last one, NULL as an empty text. \throws Error(overloaded, internal).
    std::vector<std::vector<std::string>> query(char const* sql);
    /// audit.seal(first_seq, keys, hashes).
    void seal(std::int64_t first_seq, std::string const& keys, std::string_view hashes);
    /// Runs a COPY … TO STDOUT (FORMAT binary) and gives each row without its header, until take() says false.
    void copy(char const* sql, std::function<bool(std::string_view)> const& take);

private:
    pg_conn* get() const { return connection_.get(); }
    struct Close {
        void operator()(pg_conn* connection) const;
    };
    std::unique_ptr<pg_conn, Close> connection_;
};

/// One entry as it comes in chain_copy.sql or unsealed_copy.sql.
struct Entry {
    std::int64_t seq = 0, entry_key = 0;
    std::string_view content;              // the fields entry_key to reason: each its length (-1: NULL) and its bytes, as PostgreSQL sends them
    std::string_view previous_hash, hash;  // empty when NULL
};
/// \throws Error(internal) when the row is none of ours.
Entry parse_entry(std::string_view row);

/// The hash of an entry: over the hash before it, its number (8 bytes, highest first) and its content.
Hash link(Hash const& previous, std::int64_t seq, std::string_view content);

/// Where the chain ends.
struct Head {
    std::int64_t seq = 0;
    Hash hash{};
};
Head read_head(Connection& connection);

}  // namespace programme::audit
