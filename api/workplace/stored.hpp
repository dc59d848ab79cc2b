#pragma once

#include "api/workplace/desk.hpp"

namespace api::workplace {

/// A stored file as a page shows it: its name, type and size, a thumbnail of a picture, a link. null where there is none that whoever
/// looks may see. what: the field, where the file bears no name for them.
gis_core::Json stored_file(Desk const& desk, std::string const& sha256, std::string const& what);

/// Which files are taken and how large they may be, for the script that looks before it sends.
gis_core::Json upload_rules(programme::files::Files const& files);
/// Endings of the files that a field takes: "jpg jpeg png".
std::string endings_of(Field const& field);

}  // namespace api::workplace
