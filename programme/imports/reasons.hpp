#pragma once

#include "programme/dictionary/dictionary.hpp"

#include <string>
#include <string_view>

namespace programme::imports {

/// Why a value of a file was refused, in Vietnamese: what ReportedIssue::allowed says in English. field: where the issue names one.
/// A reason that nobody has put into Vietnamese yet reads as "a value that the record takes"; the English stands beside it.
std::string in_vietnamese(std::string_view allowed, dictionary::Field const* field);

}  // namespace programme::imports
