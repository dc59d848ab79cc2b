#include "api/ogc/links.hpp"

#include "gis_core/json.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace api::ogc {

std::string percent_encode(std::string_view text) {
    static constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~,:/";
    std::string encoded;
    for (char const c : text) {
        if (kPlain.find(c) != std::string_view::npos) encoded += c;
        else encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return encoded;
}

std::string with_parameters(http::Request const& request, std::vector<std::pair<std::string, std::string>> const& changes) {
    auto url = request.base_url() + request.path;
    char separator = '?';
    auto const append = [&](std::string_view name, std::string_view value) {
        url += separator;
        separator = '&';
        url += percent_encode(name) + "=" + percent_encode(value);
    };
    for (auto const& [name, value] : request.query) {
        bool const is_changed = std::any_of(changes.begin(), changes.end(), [&n = name](auto const& change) { return change.first == n; });
        if (!is_changed) append(name, value);
    }
    for (auto const& [name, value] : changes) {
        if (!value.empty()) append(name, value);
    }
    return url;
}

std::string links_json(std::vector<Link> const& links) {
    std::string text = "[";
    for (auto const& link : links) {
        text += text.size() > 1 ? ",{" : "{";
        bool is_first = true;
        for (auto const& [name, value] : {std::pair{"href", &link.href}, {"rel", &link.rel}, {"type", &link.type}, {"title", &link.title}}) {
            if (value->empty()) continue;
            text += is_first ? "\"" : ",\"";
            is_first = false;
            text += name;
            text += "\":";
            gis_core::append_json_string(text, *value);
        }
        text += '}';
    }
    return text + "]";
}

std::string links_header(std::vector<Link> const& links) {
    std::string text;
    for (auto const& link : links) {
        text += fmt::format("{}<{}>; rel=\"{}\"", text.empty() ? "" : ", ", link.href, link.rel);
        if (!link.type.empty()) text += fmt::format("; type=\"{}\"", link.type);
    }
    return text;
}

}  // namespace api::ogc
