#include "tests/fuzz/cql2.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    return fuzz::run(data, size, [](std::string_view input) { fuzz::use(gis_core::cql2::parse_json(input)); });
}
