#pragma once

#include <filesystem>
#include <string>

namespace programme::files {

struct ScanVerdict {
    enum class Kind { clean, infected, unknown };  // unknown: no scanner answered
    Kind kind = Kind::unknown;
    std::string said;  // the name of what was found, or why nobody answered
};

/// A clamd, asked by its INSTREAM command. address: the path of its socket, or HOST:PORT. Never throws for a scanner that is away.
ScanVerdict scan(std::string const& address, std::filesystem::path const& file);

}  // namespace programme::files
