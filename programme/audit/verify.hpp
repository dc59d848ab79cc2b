#pragma once

#include "programme/audit/chain.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace programme::audit {

struct Verdict {
    std::int64_t checked = 0;       // entries whose link holds, from the first on
    Head head;                      // of what was checked
    std::string broken;             // the first broken link and what differs; empty: the chain holds
    std::int64_t unsealed = 0;      // committed and not yet in the chain
    double oldest_unsealed_s = 0;   // age of the oldest of them
    std::vector<std::string> rows;  // rows that are not as the record says (rows == true)
};

/// Follows the chain from its beginning in one snapshot, in constant memory. anchor: a head that was noted before
/// (seq 0: none) and must be in the chain, so that a chain cut short is noticed. check_rows: rows and their older versions
/// are compared with the hashes of their entries, too.
Verdict verify(std::string const& conninfo, Head const& anchor, bool check_rows);

/// The head in a file: its number and hash on one line. No file: seq 0. \throws Error(invalid_argument) when it holds anything else.
Head read_anchor(std::filesystem::path const& file);
/// Replaces the file at once. \throws Error(internal) when it cannot be written.
void write_anchor(std::filesystem::path const& file, Head const& head);

}  // namespace programme::audit
