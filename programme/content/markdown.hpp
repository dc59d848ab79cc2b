#pragma once

#include <string>
#include <string_view>

namespace programme::content {

/// HTML of a text in CommonMark; HTML in the text is left out, links lead to http, https and mail only, no pictures.
std::string to_html(std::string_view markdown);
/// The first words of it, without marks: for lists.
std::string excerpt(std::string_view markdown, std::size_t longest);

}  // namespace programme::content
