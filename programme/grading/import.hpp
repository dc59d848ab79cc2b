#pragma once

#include "programme/grading/check.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace programme::grading {

struct Imported {
    Rubric rubric;                   // the sets without a wrong finding
    std::vector<int> refused_sets;   // the others
    std::vector<Finding> findings;   // of all sets
    std::vector<std::string> notes;  // what the digitisation says about its own rows
};

/// The version a list of official criteria is of. \throws Error(invalid_argument) when it is none, or of several.
std::string version_of(std::filesystem::path const& csv);

/// Reads the official text from one of the two lists we know: a row an option, with codes, stars and cases (QD26-2026), or with
/// the codes inside the texts and neither stars nor cases (QD781-2020). Nothing is guessed: what does not check is reported and left out.
/// What has a finding is a draft. `head` gives what the list does not hold: document, thresholds, council, periods. `disqualifiers` may be empty.
/// \throws Error(invalid_argument) naming the line.
Imported import_csv(std::filesystem::path const& csv, std::filesystem::path const& disqualifiers, Rubric const& head, std::vector<std::string> const& classes);

}  // namespace programme::grading
