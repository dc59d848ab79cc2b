#include "programme/audit/verify.hpp"

#include "gis_core/error.hpp"
#include "programme/audit/sql/statements.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <cstring>
#include <fstream>

namespace programme::audit {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;

bool same(std::string_view bytes, Hash const& hash) { return bytes.size() == hash.size() && std::memcmp(bytes.data(), hash.data(), hash.size()) == 0; }

/// What is wrong with the link from the head to an entry; empty when it holds, and then `next` is its hash.
std::string complaint(Head const& head, Entry const& entry, Hash& next) {
    if (entry.seq != head.seq + 1) return fmt::format("seq {}: missing; the next entry there is has seq {}", head.seq + 1, entry.seq);
    if (!same(entry.previous_hash, head.hash)) {
        return fmt::format("seq {} (entry {}): previous_hash is not the hash of seq {}", entry.seq, entry.entry_key, head.seq);
    }
    next = link(head.hash, entry.seq, entry.content);
    if (!same(entry.hash, next)) return fmt::format("seq {} (entry {}): its content does not give its hash", entry.seq, entry.entry_key);
    return {};
}

std::string against_anchor(Head const& anchor, Head const& head) {
    if (head.seq < anchor.seq) return fmt::format("seq {}: missing; the chain ends at {}, the anchor was taken at {}", head.seq + 1, head.seq, anchor.seq);
    if (head.seq == anchor.seq && head.hash != anchor.hash) return fmt::format("seq {}: its hash is not the one the anchor noted", anchor.seq);
    return {};
}

}  // namespace

Verdict verify(std::string const& conninfo, Head const& anchor, bool check_rows) {
    Connection connection{conninfo, "ocopmap verify audit"};
    connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    Verdict out;
    auto const tail = connection.query(sql::unsealed_tail.text).at(0);
    out.unsealed = std::stoll(tail.at(0));
    out.oldest_unsealed_s = std::stod(tail.at(1));
    if (check_rows) {  // before the chain: a broken one leaves the connection in the middle of its stream
        for (auto const& row : connection.query(sql::unrecorded_rows.text)) out.rows.push_back(row.at(0));
    }
    connection.copy(sql::chain_copy.text, [&](std::string_view row) {
        auto const entry = parse_entry(row);
        Hash next;
        out.broken = complaint(out.head, entry, next);
        if (!out.broken.empty()) return false;
        out.head = {entry.seq, next};
        ++out.checked;
        if (entry.seq == anchor.seq) out.broken = against_anchor(anchor, out.head);
        return out.broken.empty();
    });
    if (out.broken.empty()) out.broken = against_anchor(anchor, out.head);
    return out;
}

Head read_anchor(std::filesystem::path const& file) {
    Head head;
    if (!std::filesystem::exists(file)) return head;
    std::ifstream in{file};
    std::string hex;
    std::size_t size = 0;
    in >> head.seq >> hex;
    if (!in || head.seq < 0 || sodium_hex2bin(head.hash.data(), head.hash.size(), hex.data(), hex.size(), nullptr, &size, nullptr) != 0 ||
        size != head.hash.size()) {
        throw gis_core::invalid_field("--anchor", file.string(), "a file that an earlier --anchor wrote, or none yet");
    }
    return head;
}

void write_anchor(std::filesystem::path const& file, Head const& head) {
    auto part = file;
    part += ".part";
    std::ofstream out{part};
    out << head.seq << ' ' << to_hex(head.hash) << '\n';
    out.close();
    std::error_code failed;
    if (out) std::filesystem::rename(part, file, failed);
    if (!out || failed) throw Error{ErrorKind::internal, fmt::format("the anchor {} cannot be written", file.string())};
}

}  // namespace programme::audit
