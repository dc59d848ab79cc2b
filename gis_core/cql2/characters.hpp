#pragma once

#include <string>
#include <string_view>

/// The character functions of CQL2, by the same ICU as the database's (pub.casei, pub.accenti of migration 0110).
namespace gis_core::cql2 {

std::string nfc(std::string_view text);
std::string casei(std::string_view text);
std::string accenti(std::string_view text);
std::string lower(std::string_view text);
std::string upper(std::string_view text);
/// In characters (code points).
std::size_t length(std::string_view text);
/// % is any characters, _ is one, \ makes what follows itself.
bool is_like(std::string_view text, std::string_view pattern);

}  // namespace gis_core::cql2
