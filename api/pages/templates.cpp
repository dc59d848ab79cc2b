#include "api/pages/templates.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <kainjow/mustache.hpp>

#include <fstream>
#include <sstream>

namespace api::pages {
namespace {

using gis_core::Json;
namespace mustache = kainjow::mustache;

mustache::data to_data(Json const& value) {
    switch (value.type()) {
    case Json::value_t::object: {
        mustache::data out{mustache::data::type::object};
        for (auto const& [name, member] : value.items()) out.set(name, to_data(member));
        return out;
    }
    case Json::value_t::array: {
        mustache::data out{mustache::data::type::list};
        for (auto const& item : value) out.push_back(to_data(item));
        return out;
    }
    case Json::value_t::string: {
        auto const& text = value.get_ref<std::string const&>();
        return text.empty() ? mustache::data{false} : mustache::data{text};
    }
    case Json::value_t::boolean: return mustache::data{value.get<bool>()};
    case Json::value_t::null: return mustache::data{false};
    default: return mustache::data{gis_core::to_text(value)};
    }
}

}  // namespace

Templates::Templates(std::filesystem::path const& folder) {
    for (auto const& entry : std::filesystem::directory_iterator{folder}) {
        if (entry.path().extension() != ".mustache") continue;
        std::ifstream in{entry.path()};
        std::stringstream content;
        if (!(content << in.rdbuf())) throw gis_core::Error{gis_core::ErrorKind::internal, "cannot read " + entry.path().string()};
        mustache::mustache parsed{content.str()};
        if (!parsed.is_valid()) {
            throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("{}: {}", entry.path().string(), parsed.error_message())};
        }
        sources_[entry.path().stem().string()] = content.str();
    }
}

std::string Templates::render(std::string const& name, Json const& model) const {
    auto data = to_data(model);
    // Partials share the object's name space with values: a partial's name carries its kind.
    for (auto const& [partial, source] : sources_) data.set("part:" + partial, mustache::data{mustache::partial{[&source] { return source; }}});
    mustache::mustache page{sources_.at(name)};
    auto text = page.render(data);
    if (!page.is_valid()) throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("template {}: {}", name, page.error_message())};
    return text;
}

std::string script_json(Json const& value) {
    auto text = gis_core::to_text(value);
    for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos; at += 6) text.replace(at, 1, "\\u003c");
    return text;
}

}  // namespace api::pages
