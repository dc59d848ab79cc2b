#include "api/workplace/stored.hpp"

#include "programme/files/files.hpp"
#include "programme/files/media.hpp"
#include "programme/files/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace api::workplace {

using gis_core::Json;
using programme::files::MediaType;

namespace {

/// "1,2 MB": thousands, as files are sold.
std::string size_in_words(pages::Texts const& t, std::int64_t bytes) {
    constexpr std::int64_t kKilo = 1000;
    if (bytes < kKilo) return t.number(bytes) + " B";
    if (bytes < kKilo * kKilo) return t.number(bytes / kKilo) + " KB";
    return t.number(static_cast<double>(bytes) / (kKilo * kKilo), 1) + " MB";
}

std::string upper(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return out;
}

}  // namespace

Json stored_file(Desk const& desk, std::string const& sha256, std::string const& what) {
    if (desk.place.files == nullptr || !programme::files::is_sha256(sha256)) return nullptr;
    auto const file = desk.place.files->find(desk.who.actor(), sha256);
    if (!file) return nullptr;
    auto const* const type = programme::files::find_media_type(file->media_type);
    bool const is_picture = type != nullptr && type->is_picture;
    auto const kind = type != nullptr ? upper(type->extensions.front()) : file->media_type;
    auto const href = "/api/files/" + sha256;
    return {{"file_href", href},
            {"file_name", file->name.empty() ? what : file->name},
            {"file_about", fmt::format("{}, {}", kind, size_in_words(desk.t, file->bytes))},
            {"file_thumb", is_picture ? href + "/thumb?w=320" : ""},
            {"file_waits", file->scan == "waiting"}};
}

Json upload_rules(programme::files::Files const& files) {
    Json pictures = Json::array(), documents = Json::array();
    std::string picture_names, document_names;  // one ending of each kind, for people
    for (auto const& type : programme::files::media_types()) {
        for (auto const& extension : type.extensions) (type.is_picture ? pictures : documents).push_back(extension);
        auto& names = type.is_picture ? picture_names : document_names;
        names += (names.empty() ? "" : ", ") + upper(type.extensions.front());
    }
    return {{"picture_names", picture_names},    {"document_names", document_names},
            {"pictures", std::move(pictures)},   {"picture_bytes", files.config().picture_bytes},
            {"documents", std::move(documents)}, {"document_bytes", files.config().document_bytes}};
}

std::string endings_of(Field const& field) {
    std::string out;
    for (auto const& type : programme::files::taken_by(field.unit)) {
        for (auto const& extension : type.extensions) out += (out.empty() ? "" : " ") + std::string{extension};
    }
    return out;
}

}  // namespace api::workplace
