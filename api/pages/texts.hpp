#pragma once

#include "gis_core/date.hpp"
#include "gis_core/json.hpp"

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace api::pages {

/// The words of one language (web/texts/vi.json, en.json) and its way with numbers and dates.
class Texts {
public:
    /// \throws gis_core::Error(internal) naming the file that cannot be read.
    static Texts load(std::filesystem::path const& file);

    /// The text with {name} filled in. \throws gis_core::Error(internal) for a key that does not exist.
    std::string operator()(std::string_view key, std::initializer_list<std::pair<std::string_view, std::string>> values = {}) const;
    bool has(std::string_view key) const { return texts_.contains(key); }
    gis_core::Json const& all() const { return texts_; }
    bool is_vietnamese() const { return is_vietnamese_; }

    /// "1.234" or "1,234".
    std::string number(std::int64_t value) const;
    /// With at most that many decimals, none where they are nought: "1.234,5" or "1,234.5".
    std::string number(double value, int decimals) const;
    /// "30/06/2025" in both languages; the text as it came when it is no ISO date.
    static std::string date(std::string_view iso);
    /// The last day of a half-open validity.
    static std::string last_day(std::string_view iso_end);

private:
    gis_core::Json texts_;
    bool is_vietnamese_ = true;
};

}  // namespace api::pages
