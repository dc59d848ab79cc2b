#pragma once

#include "api/pages/texts.hpp"
#include "gis_core/json.hpp"
#include "programme/contact/dispatcher.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace programme::dictionary {
class Dictionary;
}

namespace api {

/// "Giấy tờ “HACCP” của Kẹo dừa hết hạn ngày 01/03/2027, còn 60 ngày": what somebody is told, in one language.
std::string notice_sentence(pages::Texts const& t, programme::dictionary::Dictionary const& dictionary, std::string_view kind, gis_core::Json const& facts);

/// Mail in both languages, Vietnamese first. base: address of the pages, or empty: then no link.
programme::contact::Compose make_compose(std::filesystem::path const& web, std::shared_ptr<programme::dictionary::Dictionary const> dictionary,
                                         std::string base);

}  // namespace api
