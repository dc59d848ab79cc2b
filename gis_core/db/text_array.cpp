#include "gis_core/db/text_array.hpp"

#include <pqxx/array>

#include <tuple>

namespace gis_core::db {

std::vector<std::string> parse_text_array(std::string_view literal) {
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
