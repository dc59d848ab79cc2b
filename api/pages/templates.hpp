#pragma once

#include "gis_core/json.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace api::pages {

/// The page templates (web/templates/*.mustache). Everything put in is HTML-escaped; the one exception is a value the
/// template names with three braces.
class Templates {
public:
    /// \throws gis_core::Error(internal) naming the template that cannot be read or parsed.
    explicit Templates(std::filesystem::path const& folder);

    /// A section is shown for true, a non-empty text, a number, a non-empty list; not for null, false, "" and [].
    std::string render(std::string const& name, gis_core::Json const& model) const;

private:
    std::map<std::string, std::string> sources_;
};

/// JSON for a <script type="application/json">: '<' escaped, so that no text can end the element.
std::string script_json(gis_core::Json const& value);

}  // namespace api::pages
