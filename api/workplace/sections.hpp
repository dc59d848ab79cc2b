#pragma once

#include "programme/dictionary/dictionary.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace api::workplace {

/// One group of the work pages, as people think of their work (data/workplace.toml).
struct Section {
    std::string id, icon;
    programme::dictionary::Text title, mine, about;
    std::vector<programme::dictionary::Entity const*> entities;
};

/// \throws gis_core::Error(invalid_argument) for an entity that stands in no section, in two, or is none.
std::vector<Section> load_sections(std::filesystem::path const& data, programme::dictionary::Dictionary const& dictionary);

}  // namespace api::workplace
