#include "api/pages/texts.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <sstream>

namespace api::pages {
namespace {

std::string with_separators(std::string digits, char separator) {
    auto const start = digits.starts_with('-') ? std::size_t{1} : std::size_t{0};
    for (auto place = digits.size(); place > start + 3;) {
        place -= 3;
        digits.insert(place, 1, separator);
    }
    return digits;
}

}  // namespace

Texts Texts::load(std::filesystem::path const& file) {
    std::ifstream in{file};
    std::stringstream content;
    if (!(content << in.rdbuf())) throw gis_core::Error{gis_core::ErrorKind::internal, "cannot read " + file.string()};
    Texts texts;
    texts.texts_ = gis_core::parse_json(content.str(), file.filename().string());
    texts.is_vietnamese_ = texts("lang") == "vi";
    return texts;
}

std::string Texts::operator()(std::string_view key, std::initializer_list<std::pair<std::string_view, std::string>> values) const {
    auto const found = texts_.find(key);
    if (found == texts_.end()) throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("no text '{}'", key)};
    auto text = found->get<std::string>();
    for (auto const& [name, value] : values) {
        auto const hole = fmt::format("{{{}}}", name);
        if (auto const at = text.find(hole); at != std::string::npos) text.replace(at, hole.size(), value);
    }
    return text;
}

std::string Texts::number(std::int64_t value) const { return with_separators(std::to_string(value), is_vietnamese_ ? '.' : ','); }

std::string Texts::number(double value, int decimals) const {
    auto text = fmt::format("{:.{}f}", value, decimals);
    std::string fraction;
    if (auto const point = text.find('.'); point != std::string::npos) {
        fraction = text.substr(point + 1);
        text.resize(point);
        while (fraction.ends_with('0')) fraction.pop_back();
    }
    text = with_separators(std::move(text), is_vietnamese_ ? '.' : ',');
    if (!fraction.empty()) text += (is_vietnamese_ ? ',' : '.') + fraction;
    return text;
}

std::string Texts::date(std::string_view iso) {
    auto const date = gis_core::Date::parse(iso.substr(0, 10));
    return date ? date->vietnamese() : std::string{iso};
}

std::string Texts::last_day(std::string_view iso_end) {
    auto const date = gis_core::Date::parse(iso_end.substr(0, 10));
    return date ? gis_core::Date{date->days - std::chrono::days{1}}.vietnamese() : std::string{iso_end};
}

}  // namespace api::pages
