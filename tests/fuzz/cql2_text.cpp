#include "tests/fuzz/cql2.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    return fuzz::run(data, size, [](std::string_view input) {
        namespace cql2 = gis_core::cql2;
        auto const node = cql2::parse_text(input);
        fuzz::require(cql2::parse_text(cql2::to_text(node)) == node, "text is read back");
        fuzz::use(node);
    });
}
