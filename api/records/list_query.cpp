#include "api/records/list_query.hpp"

#include "api/rest/parameters.hpp"
#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace api {

programme::records::ListQuery read_list_query(http::Query const& sent, programme::records::Lens const& lens, bool is_form) {
    programme::records::ListQuery query;
    auto const& entity = lens.entity;
    for (auto const& [name, text] : sent) {
        if (is_form && text.empty()) continue;  // a form sends its empty fields too
        auto const base = name.substr(0, std::min(name.rfind('.'), name.size()));
        auto const* field = entity.find(base);
        if (name == "q") {
            query.q = text;
        } else if (name == "limit") {
            query.limit = static_cast<int>(rest::integer_or(sent, "limit", 50, 1, 1000));
        } else if (name == "after") {
            query.after = rest::parse_id("after", text);
        } else if (name == "retired") {
            if (text != "true" && text != "false") throw gis_core::invalid_field("retired", text, "true or false");
            query.retired = text == "true";
        } else if (name == "bbox") {
            if (entity.place() == nullptr) throw gis_core::invalid_field("bbox", text, "nothing: " + entity.id + " have no place on the map");
            auto const box = rest::parse_box(text);
            query.bbox = {box.west, box.south, box.east, box.north};
        } else if (name == "sort") {
            auto const known = programme::records::sortable(lens);
            query.descending = text.starts_with("-");
            query.sort = query.descending ? text.substr(1) : text;
            if (std::find(known.begin(), known.end(), query.sort) == known.end())
                throw gis_core::invalid_field("sort", text, fmt::format("{}; - before it for the other way", fmt::join(known, ", ")));
        } else if (entity.parent && name == entity.parent->column) {
            query.parent = std::to_string(rest::parse_id(name, text));
        } else if (field != nullptr && lens.sees(*field) && field->table == entity.table &&
                   (base.size() == name.size() || name.ends_with(".min") || name.ends_with(".max"))) {
            query.conditions.push_back(programme::records::read_condition(*field, name, text));
        } else {
            throw gis_core::invalid_field(
                name, text,
                fmt::format("no parameter of this list; its parameters are q, bbox, sort, limit, after, retired and the fields of /api/schemas/{}", entity.id));
        }
        static_cast<void>(sent.find(name));  // refuses a parameter that stands twice
    }
    return query;
}

}  // namespace api
