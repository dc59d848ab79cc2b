#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace programme::files {

struct Config {
    std::string place;               // open_store(); empty: there are no files here
    std::filesystem::path incoming;  // where what comes in waits, on a disk of this machine; empty: "incoming" in the folder
    std::string scanner;             // a clamd: socket or HOST:PORT; empty: nothing is scanned
    std::int64_t picture_bytes = 20'000'000;
    std::int64_t document_bytes = 100'000'000;
    std::int64_t account_bytes = 2'000'000'000;  // what an account may hold
    std::int64_t picture_pixels = 100'000'000;
};

}  // namespace programme::files
