// bbox, datetime, limit, sortby, cursors, CRSs and filters of a request for items.
#include "api/ogc/item_query.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static auto const catalogue = gis_core::layers::Catalogue::load(OCOPMAP_DATA_DIR "/layers.toml");
    return fuzz::run(data, size, [](std::string_view input) {
        namespace ogc = api::ogc;
        auto const query = ogc::parse_item_query(*catalogue.find("zones"), http::Query::parse(input), {"f", "lang"});
        auto const sql = ogc::select_items(query, ogc::GeometryColumn::geojson, 10);
        fuzz::require(sql.text.find("$" + std::to_string(sql.values.size() + 1)) == std::string::npos, "every parameter has a value");
        ogc::count_items(query);
        if (query.after)
            fuzz::require(ogc::to_text(ogc::parse_cursor("after", ogc::to_text(*query.after), query.sort.size())) == ogc::to_text(*query.after),
                          "a cursor is read back");
    });
}
