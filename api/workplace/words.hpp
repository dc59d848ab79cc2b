#pragma once

#include "api/pages/texts.hpp"
#include "gis_core/json.hpp"
#include "programme/dictionary/dictionary.hpp"

#include <map>
#include <string>
#include <vector>


/// What stands in the record, as people read and type it.
namespace api::workplace {

using programme::dictionary::Entity;
using programme::dictionary::Field;

/// The text of the page's language.
std::string const& in(pages::Texts const& t, programme::dictionary::Text const& text);

/// The unit of a field, "đồng" or "VND": the dictionary keeps it in Vietnamese, and signs such as kg are nobody's language.
std::string unit_of(pages::Texts const& t, Field const& field);
/// A value as people read it: 12.500 đồng, 30/06/2025, Hợp tác xã. Empty for null and for areas.
std::string shown(pages::Texts const& t, Field const& field, gis_core::Json const& value);
/// "2026-06-30T08:30:00.123+00:00" → "15:30 30/06/2025", in the time of Vietnam.
std::string moment(std::string_view instant);

/// A value as it stands in its input: what value_of() reads back. Shapes are lines of coordinates, longitude first.
std::string typed_of(pages::Texts const& t, Field const& field, gis_core::Json const& value);

/// What somebody typed is no value of the field, in their words.
struct Wrong {
    std::string column, said;
};

/// What somebody typed as the JSON that programme::records::read_values takes; null for nothing. What cannot be read as the field's type
/// stays text, for read_values to refuse: one set of rules. crs: of a shape's coordinates, "EPSG:9210"; empty: WGS 84.
/// \throws Wrong for lines of coordinates that are none.
gis_core::Json value_of(pages::Texts const& t, Field const& field, std::string const& typed, std::string const& crs);

/// What must stand in a field, to somebody whose value was refused.
std::string wanted(pages::Texts const& t, Field const& field);

}  // namespace api::workplace
