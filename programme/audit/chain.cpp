#include "programme/audit/chain.hpp"

#include "gis_core/error.hpp"
#include "programme/audit/sql/statements.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <sodium.h>

#include <algorithm>

namespace programme::audit {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

constexpr int kFields = 20;

[[noreturn]] void fail(PGconn* connection, PGresult const* result) {
    auto const* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    auto text = std::string{result == nullptr ? PQerrorMessage(connection) : PQresultErrorMessage(result)};
    std::replace(text.begin(), text.end(), '\n', ' ');
    auto const away = state == nullptr || std::string_view{state}.starts_with("57P") || std::string_view{state}.starts_with("08");
    throw Error{away ? ErrorKind::overloaded : ErrorKind::internal, text};
}

Result checked(PGconn* connection, PGresult* raw) {
    Result result{raw, &PQclear};
    auto const status = PQresultStatus(raw);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_OUT) fail(connection, raw);
    return result;
}

std::int64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (auto const c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(value);
}

}  // namespace

std::string to_hex(Hash const& hash) {
    std::string hex(2 * hash.size() + 1, '\0');
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    hex.pop_back();
    return hex;
}

void Connection::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

Connection::Connection(std::string const& conninfo, char const* application_name) {
    std::array const names{"dbname", "fallback_application_name", static_cast<char const*>(nullptr)};
    std::array const values{conninfo.c_str(), application_name, static_cast<char const*>(nullptr)};
    connection_.reset(PQconnectdbParams(names.data(), values.data(), 1));
    if (PQstatus(get()) != CONNECTION_OK) fail(get(), nullptr);
    query("SET client_min_messages = warning");
}

std::vector<std::vector<std::string>> Connection::query(char const* sql) {
    auto const result = checked(get(), PQexec(get(), sql));
    std::vector<std::vector<std::string>> rows(static_cast<std::size_t>(PQntuples(result.get())));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (int column = 0; column < PQnfields(result.get()); ++column) rows[row].emplace_back(PQgetvalue(result.get(), static_cast<int>(row), column));
    }
    return rows;
}

void Connection::seal(std::int64_t first_seq, std::string const& keys, std::string_view hashes) {
    auto const first = std::to_string(first_seq);
    std::array const values{first.c_str(), keys.c_str(), hashes.data()};
    std::array const lengths{0, 0, static_cast<int>(hashes.size())};
    std::array const formats{0, 0, 1};
    checked(get(), PQexecParams(get(), "SELECT audit.seal($1::bigint, $2::bigint[], $3::bytea)", 3, nullptr, values.data(), lengths.data(), formats.data(), 0));
}

void Connection::copy(char const* sql, std::function<bool(std::string_view)> const& take) {
    checked(get(), PQexec(get(), sql));
    std::size_t skip = 19;  // the stream's signature, flags and (empty) extension come before the first row
    for (;;) {
        char* buffer = nullptr;
        auto const length = PQgetCopyData(get(), &buffer, 0);
        if (length == -1) break;
        if (length < 0) fail(get(), nullptr);
        std::unique_ptr<char, decltype(&PQfreemem)> const owner{buffer, &PQfreemem};
        std::string_view row{buffer, static_cast<std::size_t>(length)};
        row.remove_prefix(std::min(skip, row.size()));
        skip = 0;
        if (row.size() <= 2) continue;  // the header alone, or the trailer
        if (!take(row)) return;
    }
    checked(get(), PQgetResult(get()));
    while (Result{PQgetResult(get()), &PQclear} != nullptr) continue;
}

Entry parse_entry(std::string_view row) {
    Entry entry;
    auto const wrong = [] { return Error{ErrorKind::internal, "the audit stream has another form than expected"}; };
    if (row.size() < 2 || big_endian(row.substr(0, 2)) != kFields) throw wrong();
    std::size_t at = 2, content = 0;
    for (int field = 0; field < kFields; ++field) {
        if (at + 4 > row.size()) throw wrong();
        auto const begin = at;
        auto const length = static_cast<std::int32_t>(big_endian(row.substr(at, 4)));
        at += 4;
        auto const size = static_cast<std::size_t>(std::max(0, length));
        if (at + size > row.size()) throw wrong();
        auto const value = row.substr(at, size);
        at += size;
        if (field == 0) entry.seq = big_endian(value);
        if (field == 1) {
            content = begin;
            entry.entry_key = big_endian(value);
        }
        if (field == kFields - 3) entry.content = row.substr(content, at - content);
        if (field == kFields - 2) entry.previous_hash = value;
        if (field == kFields - 1) entry.hash = value;
    }
    return entry;
}

Hash link(Hash const& previous, std::int64_t seq, std::string_view content) {
    Hash hash;
    std::array<unsigned char, 8> number;
    for (std::size_t i = 0; i < number.size(); ++i) number[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(seq) >> (56 - 8 * i));
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, hash.size());
    crypto_generichash_update(&state, previous.data(), previous.size());
    crypto_generichash_update(&state, number.data(), number.size());
    crypto_generichash_update(&state, reinterpret_cast<unsigned char const*>(content.data()), content.size());
    crypto_generichash_final(&state, hash.data(), hash.size());
    return hash;
}

Head read_head(Connection& connection) {
    auto const row = connection.query(sql::chain_head.text).at(0);
    Head head;
    head.seq = std::stoll(row.at(0));
    auto const& hex = row.at(1);
    std::size_t size = 0;
    if (sodium_hex2bin(head.hash.data(), head.hash.size(), hex.data(), hex.size(), nullptr, &size, nullptr) != 0 || size != head.hash.size()) {
        throw Error{ErrorKind::internal, "the audit chain's last hash has not 32 bytes"};
    }
    return head;
}

}  // namespace programme::audit
