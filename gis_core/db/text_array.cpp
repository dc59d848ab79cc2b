#include "gis_core/db/text_array.hpp"

#include "gis_core/error.hpp"

#include <pqxx/array>

#include <algorithm>
#include <tuple>

namespace gis_core::db {

namespace {

/// The parser of libpqxx ends the program where an array ends early.
bool is_text_array(std::string_view literal) {
    if (literal.size() < 2 || literal.front() != '{' || literal.back() != '}' || literal.find('\0') != std::string_view::npos) return false;
    auto const rest = literal.substr(1, literal.size() - 2);
    if (rest.empty()) return true;
    for (std::size_t at = 0;; ++at) {
        auto const first = at;
        if (at < rest.size() && rest[at] == '"') {
            for (++at; at < rest.size() && rest[at] != '"'; ++at) at += rest[at] == '\\';
            if (at >= rest.size()) return false;
            ++at;
        } else {
            at = std::min(rest.find_first_of(",{}\"\\", at), rest.size());
            if (at == first) return false;
        }
        if (at == rest.size()) return true;
        if (rest[at] != ',') return false;
    }
}

}  // namespace

std::vector<std::string> parse_text_array(std::string_view literal) {
    if (!is_text_array(literal)) throw Error{ErrorKind::internal, "the text of an array is none"};
    std::string const text{literal};  // the parser wants its end marked
    // UTF-8 has no byte of a longer character below 128, so that bytes can be read one by one.
    pqxx::array_parser parser{text.c_str()};
    std::vector<std::string> texts;
    for (auto [found, item] = parser.get_next(); found != pqxx::array_parser::done; std::tie(found, item) = parser.get_next()) {
        if (found == pqxx::array_parser::string_value) texts.push_back(std::move(item));
    }
    return texts;
}

}  // namespace gis_core::db
