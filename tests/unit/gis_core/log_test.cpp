#include "gis_core/log.hpp"

#include <gtest/gtest.h>

namespace gis_core::log {
namespace {

TEST(Log, WhatAClientSentBeginsNoLineOfItsOwn) {
    EXPECT_EQ(one_line("kẹo dừa"), "kẹo dừa");
    EXPECT_EQ(one_line("a\n2026-11-25T00:00:00Z api info sign-in login=admin"), "a\\n2026-11-25T00:00:00Z api info sign-in login=admin");
    EXPECT_EQ(one_line("a\r\x1b[2Jb\x7f"), "a\\x0d\\x1b[2Jb\\x7f");
}

}  // namespace
}  // namespace gis_core::log
