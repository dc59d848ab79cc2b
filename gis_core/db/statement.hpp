#pragma once

namespace gis_core::db {

/// One SQL file: its text, and the name it is prepared under.
struct Statement {
    char const* name;
    char const* text;
};

}  // namespace gis_core::db
