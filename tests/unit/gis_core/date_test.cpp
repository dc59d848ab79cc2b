#include "gis_core/date.hpp"
#include "gis_core/error.hpp"

#include <gtest/gtest.h>

namespace gis_core {

TEST(DateTest, ReadsAndWritesBothForms) {
    auto const date = Date::parse("2025-06-30");
    ASSERT_TRUE(date);
    EXPECT_EQ(date->iso(), "2025-06-30");
    EXPECT_EQ(date->vietnamese(), "30/06/2025");
    EXPECT_TRUE(Date::parse("2024-02-29"));
}

TEST(DateTest, RefusesWhatIsNoDay) {
    for (auto const* text : {"", "2025-02-29", "31-31-2025", "2025-6-30", "2025-06-31", "20250630", "2025-06-30 ", "1899-12-31", "2200-01-01"}) {
        EXPECT_EQ(Date::parse(text), std::nullopt) << text;
    }
}

TEST(DateTest, SaysWhatADateLooksLike) {
    try {
        Date::from_field("at", "31-31-2025");
        FAIL();
    } catch (Error const& error) {
        EXPECT_STREQ(error.what(), "at is 31-31-2025, must be a date as YYYY-MM-DD, for example 2025-06-30");
    }
}

}  // namespace gis_core
