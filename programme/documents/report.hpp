#pragma once

#include "programme/documents/block.hpp"

namespace programme::documents {

/// A table of figures as a paper to print: what a report's XLSX holds.
struct Report {
    std::string title, note, made;  // made: "Lập ngày 29/11/2026"
    std::string created_at;         // the time in the file's properties
    struct Head {
        std::string title;
        bool is_number = false;
    };
    std::vector<Head> heads;
    std::vector<std::vector<std::string>> rows;
    bool has_total = false;  // the last row
};

/// More columns of figures than a page is wide for stand in tables below each other, each with the words at the left.
Document report(Report const& report);

}  // namespace programme::documents
