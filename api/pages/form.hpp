#pragma once

#include "api/pages/pages.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>

namespace api::pages {

/// One address in both languages.
struct Address {
    char const* vi;
    char const* en;
    std::string in(Pages::Language language) const { return language == Pages::Language::vi ? vi : en; }
};

/// The fields of a form; absent ones are empty.
class Form {
public:
    /// \throws gis_core::Error(unsupported_media) when it is none.
    explicit Form(http::Request const& request);
    std::string operator[](std::string_view name) const { return std::string{fields_.find(name).value_or("")}; }
    /// \throws gis_core::Error(invalid_argument)
    long long number(std::string_view name) const;

private:
    http::Query fields_;
};

/// Goes on to another address of ours, by GET.
http::Response see_other(std::string const& place);

}  // namespace api::pages
