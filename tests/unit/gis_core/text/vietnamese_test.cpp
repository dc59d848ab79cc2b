#include "gis_core/text/vietnamese.hpp"

#include "gis_core/error.hpp"

#include <gtest/gtest.h>

namespace gis_core::text {

TEST(VietnameseTest, FoldsAccentsAndDecomposedInput) {
    EXPECT_EQ(fold("Kẹo Dừa ĐẶC SẢN"), "keo dua dac san");
    EXPECT_EQ(fold("u\xCC\x9B\xCC\x80"), "u");  // ừ decomposed
}

TEST(VietnameseTest, ComposesAndTrims) {
    EXPECT_EQ(to_nfc(" Hoa\xCC\x80 "), "Hoà");
    EXPECT_THROW(to_nfc("\xC3\x28"), Error);
    EXPECT_FALSE(is_utf8(std::string_view{"a\0b", 3}));
}

}  // namespace gis_core::text
