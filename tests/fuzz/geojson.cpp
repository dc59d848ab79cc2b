#include "gis_core/cql2/geometry.hpp"
#include "gis_core/json.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <stdexcept>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    return fuzz::run(data, size, [](std::string_view input) {
        namespace cql2 = gis_core::cql2;
        auto const json = gis_core::parse_json(input, "body");
        try {
            auto const geometry = cql2::from_geojson(json, 64);
            fuzz::require(cql2::from_geojson(cql2::to_geojson(geometry), 64) == geometry, "a geometry is read back");
            if (cql2::incomplete(geometry).empty()) cql2::to_wkt(geometry);
        } catch (std::invalid_argument const&) {}
    });
}
