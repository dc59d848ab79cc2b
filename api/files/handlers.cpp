#include "api/files/handlers.hpp"

#include "api/accounts/gate.hpp"
#include "api/ogc/links.hpp"
#include "api/rest/json_writer.hpp"
#include "api/rest/parameters.hpp"
#include "gis_core/error.hpp"
#include "http/problem.hpp"
#include "http/text.hpp"
#include "programme/files/files.hpp"
#include "programme/files/media.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

namespace api {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using programme::files::Content;
using programme::files::FileFacts;
using programme::files::Upload;
using rest::JsonWriter;
using std::string_view;

constexpr char const* kTusVersion = "1.0.0";
constexpr std::size_t kPiece = 64 * 1024;

http::Response private_json(int status, std::string body) {
    auto response = http::Response::text(status, "application/json; charset=utf-8", std::move(body) + '\n');
    response.headers.add("Cache-Control", "no-store");
    return response;
}

void write_facts(JsonWriter& json, FileFacts const& file) {
    auto const href = "/api/files/" + file.sha256;
    auto const* const type = programme::files::find_media_type(file.media_type);
    json.begin_object().member("sha256", string_view{file.sha256}).text_or_null("name", file.name).member("media_type", string_view{file.media_type});
    json.member("bytes", static_cast<long long>(file.bytes)).key("width");
    file.width ? json.value(*file.width) : json.null();
    json.key("height");
    file.height ? json.value(*file.height) : json.null();
    json.text_or_null("taken_at", file.taken_at).key("position");
    if (file.place) json.raw(fmt::format(R"({{"type":"Point","coordinates":[{:.7f},{:.7f}]}})", file.place->lon, file.place->lat));
    else json.null();
    json.member("scan", string_view{file.scan}).member("created_at", string_view{file.created_at}).member("href", string_view{href});
    if (type != nullptr && type->is_picture) json.member("thumbnail", string_view{href + "/thumb?w=320"}).member("public_copy", string_view{href + "/public"});
    json.end_object();
}

std::string json_of(FileFacts const& file) {
    JsonWriter json;
    write_facts(json, file);
    return json.take();
}

std::string hash_of(http::Request const& request) {
    auto const& text = request.value(0);
    if (!programme::files::is_sha256(text)) throw gis_core::invalid_field("sha256", text.substr(0, 80), "the SHA-256 of a stored file, 64 hexadecimal digits");
    return text;
}

Error no_file(std::string const& sha256) { return Error{ErrorKind::not_found, fmt::format("there is no file {} that you may see", sha256)}; }

/// Content-Disposition (RFC 6266): the name for old readers, and as it is.
std::string disposition(bool is_shown, std::string const& name) {
    std::string plain, encoded;
    for (unsigned char const c : name) {
        bool const is_plain = c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '%';
        if (is_plain || (c & 0xC0) != 0x80) plain += is_plain ? static_cast<char>(c) : '_';
        bool const is_free = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
        encoded += is_free ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
    }
    return fmt::format("{}; filename=\"{}\"; filename*=UTF-8''{}", is_shown ? "inline" : "attachment", plain, encoded);
}

struct Span {
    std::int64_t from, size;
};
/// The one range asked for (RFC 9110 §14); empty: the whole. What is no single range of bytes is not looked at.
/// size 0: it lies outside.
std::optional<Span> wanted_span(http::Request const& request, std::string const& etag, std::int64_t size) {
    auto field = request.header_or("Range", "");
    auto const if_range = request.headers.find("If-Range");
    constexpr string_view kUnit = "bytes=";
    if (!field.starts_with(kUnit) || (if_range && *if_range != etag)) return std::nullopt;
    field.remove_prefix(kUnit.size());
    auto const dash = field.find('-');
    auto const number = [](string_view text) -> std::optional<std::int64_t> {
        std::int64_t value = 0;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
        return value;
    };
    if (dash == string_view::npos) return std::nullopt;
    auto const first = number(field.substr(0, dash)), last = number(field.substr(dash + 1));
    if (dash == 0) {
        if (!last) return std::nullopt;
        auto const tail = std::min(*last, size);
        return Span{size - tail, tail};
    }
    if (!first || (!last && dash + 1 < field.size()) || (last && *last < *first)) return std::nullopt;
    if (*first >= size) return Span{0, 0};
    return Span{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1};
}

std::int64_t number_of(http::Request const& request, char const* field, std::int64_t lowest) {
    auto const text = request.headers.find(field);
    std::int64_t value = -1;
    if (text) {
        auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
        if (error != std::errc{} || end != text->data() + text->size()) value = -1;
    }
    if (value < lowest) throw gis_core::invalid_field(field, text.value_or(""), fmt::format("a whole number of bytes from {} on", lowest));
    return value;
}

/// "filename d29ybGQ=, filetype aW1hZ2U=": keys and base64.
std::string metadata(http::Request const& request, string_view wanted) {
    auto rest = request.header_or("Upload-Metadata", "");
    while (!rest.empty()) {
        auto const end = std::min(rest.find(','), rest.size());
        auto const pair = http::trim(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        auto const space = std::min(pair.find(' '), pair.size());
        if (pair.substr(0, space) != wanted) continue;
        auto const value = http::trim(pair.substr(space));
        std::string out(value.size(), '\0');
        std::size_t size = 0;
        if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), value.data(), value.size(), nullptr, &size, nullptr,
                              sodium_base64_VARIANT_ORIGINAL) != 0)
            throw gis_core::invalid_field("Upload-Metadata", pair.substr(0, 80), "key and base64");
        out.resize(size);
        if (!http::is_utf8(out) || out.find('\0') != std::string::npos) throw gis_core::invalid_field("Upload-Metadata", wanted, "UTF-8 text in base64");
        return out;
    }
    return {};
}

void add_upload_headers(http::Response& response, Upload const& upload) {
    response.headers.add("Upload-Offset", std::to_string(upload.there));
    response.headers.add("Upload-Expires", fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(static_cast<std::time_t>(upload.expires))));
    if (!upload.sha256.empty()) response.headers.add("Content-Location", "/api/files/" + upload.sha256);
}

/// The protocol's own version is asked for and said in every answer, refusals too.
template <typename Work>
http::Response speaking_tus(http::Request const& request, Work work) {
    http::Response response;
    if (request.header_or("Tus-Resumable", "") != kTusVersion) {
        response = http::problem(412, "protocol-version", "Protocol version", fmt::format("Tus-Resumable must be {}", kTusVersion), request.id,
                                 {{"Tus-Resumable", std::string{request.header_or("Tus-Resumable", "").substr(0, 40)}, kTusVersion}});
        response.headers.add("Tus-Version", kTusVersion);
    } else {
        try {
            response = work();
        } catch (Error const& error) {
            if (error.kind() == ErrorKind::internal) throw;
            response = http::to_problem(error, request);
        }
    }
    response.headers.add("Tus-Resumable", kTusVersion);
    return response;
}

http::Response empty(int status) {
    http::Response response;
    response.status = status;
    response.headers.add("Cache-Control", "no-store");
    return response;
}

}  // namespace

http::Response FileHandlers::own(http::Request const& request) {
    request.query.allow_only({"limit", "after"});
    auto const who = gate_.require(request);
    auto const limit = rest::integer_or(request.query, "limit", 50, 1, 1000);
    auto const after = request.query.find("after");
    auto own = files_.own(who.actor(), after ? rest::parse_id("after", *after) : 0, limit + 1);
    bool const goes_on = own.files.size() > static_cast<std::size_t>(limit);
    if (goes_on) own.files.pop_back();
    JsonWriter json;
    json.begin_object().member("used_bytes", static_cast<long long>(own.used)).member("quota_bytes", static_cast<long long>(files_.config().account_bytes));
    json.key("items").begin_array();
    for (auto const& file : own.files) write_facts(json, file);
    json.end_array();
    if (goes_on) json.member("next", string_view{ogc::with_parameters(request, {{"after", std::to_string(own.files.back().holding)}})});
    json.end_object();
    return private_json(200, json.take());
}

http::Response FileHandlers::store(http::Request const& request) {
    request.query.allow_only({"name"});
    auto const who = gate_.require(request);
    auto const taken = files_.take(who.actor(), request.body, request.header_or("Content-Type", ""), request.query.find("name").value_or(""));
    auto response = private_json(taken.is_new ? 201 : 200, json_of(taken.facts));
    response.headers.add("Location", "/api/files/" + taken.facts.sha256);
    return response;
}

http::Response FileHandlers::send(http::Request const& request, Content const& content, std::string const& name, std::string const& cache) const {
    auto const etag = fmt::format("\"{}\"", content.sha256);
    auto const span = wanted_span(request, etag, content.bytes);
    if (span && span->size == 0) {
        auto response = http::problem(416, "range-not-satisfiable", "Range not satisfiable", fmt::format("the file has {} bytes", content.bytes), request.id);
        response.headers.add("Content-Range", fmt::format("bytes */{}", content.bytes));
        return response;
    }
    auto const from = span ? span->from : 0, size = span ? span->size : content.bytes;
    std::shared_ptr<programme::files::Reader> const reader = files_.open(content.sha256);
    auto response = http::Response::stream(content.media_type, [reader, from, size](http::BodySink& sink) {
        for (std::int64_t done = 0; done < size;) {
            auto const piece = reader->read(from + done, static_cast<std::size_t>(std::min<std::int64_t>(kPiece, size - done)));
            if (piece.empty()) throw Error{ErrorKind::internal, "a stored file ends early"};
            sink.write(piece);
            done += static_cast<std::int64_t>(piece.size());
        }
    });
    if (span) {
        response.status = 206;
        response.headers.add("Content-Range", fmt::format("bytes {}-{}/{}", from, from + size - 1, content.bytes));
    }
    auto const* const type = programme::files::find_media_type(content.media_type);
    bool const is_pdf = content.media_type == "application/pdf";
    response.headers.add("Content-Disposition", disposition(type != nullptr && type->is_shown, name));
    response.headers.add("X-Content-Type-Options", "nosniff");
    // A browser's own PDF viewer does not open in a sandbox; it runs nothing of ours either.
    response.headers.add("Content-Security-Policy", is_pdf ? "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
                                                           : "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'");
    response.headers.add("Cross-Origin-Resource-Policy", cache.starts_with("public") ? "cross-origin" : "same-origin");
    response.headers.add("Accept-Ranges", "bytes");
    response.headers.add("Cache-Control", cache);
    return http::conditional(request, std::move(response), etag);
}

http::Response FileHandlers::read(http::Request const& request) {
    request.query.allow_only({});
    auto const who = gate_.require(request);
    auto const sha256 = hash_of(request);
    auto const file = files_.find(who.actor(), sha256);
    if (!file) throw no_file(sha256);
    auto response = send(request, {file->sha256, file->media_type, file->bytes}, file->name.empty() ? sha256.substr(0, 16) : file->name, "private, no-cache");
    bool const is_begun = response.status == 200 || (response.status == 206 && request.header_or("Range", "").starts_with("bytes=0-"));
    if (!file->is_mine && is_begun && request.method == "GET") files_.note_reading(who.actor(), *file);
    return response;
}

http::Response FileHandlers::facts(http::Request const& request) {
    request.query.allow_only({});
    auto const who = gate_.require(request);
    auto const sha256 = hash_of(request);
    auto const file = files_.find(who.actor(), sha256);
    if (!file) throw no_file(sha256);
    return private_json(200, json_of(*file));
}

http::Response FileHandlers::copy(http::Request const& request, std::string const& kind) {
    if (kind == "public") request.query.allow_only({});
    auto const sha256 = hash_of(request);
    auto const name = fmt::format("{}-{}", sha256.substr(0, 16), kind);
    if (auto const content = files_.find_copy(nullptr, sha256, kind)) return send(request, *content, name, "public, max-age=300");
    auto const who = gate_.find(request);
    if (!who) throw Error{ErrorKind::not_found, fmt::format("there is no public file {} that has such a copy", sha256)};
    auto const actor = who->actor();
    auto const content = files_.find_copy(&actor, sha256, kind);
    if (!content) throw no_file(sha256);
    return send(request, *content, name, "private, no-cache");
}

http::Response FileHandlers::thumbnail(http::Request const& request) {
    request.query.allow_only({"w"});
    auto const width = request.query.find("w").value_or("320");
    if (width != "320" && width != "1280") throw gis_core::invalid_field("w", width, "320 or 1280");
    return copy(request, std::string{width});
}

http::Response FileHandlers::uploads_options(http::Request const& request) {
    request.query.allow_only({});
    auto response = empty(204);
    response.headers.add("Tus-Resumable", kTusVersion);
    response.headers.add("Tus-Version", kTusVersion);
    response.headers.add("Tus-Extension", "creation,expiration,termination");
    response.headers.add("Tus-Max-Size", std::to_string(files_.config().document_bytes));
    return response;
}

http::Response FileHandlers::begin_upload(http::Request const& request) {
    return speaking_tus(request, [&] {
        request.query.allow_only({});
        auto const who = gate_.require(request);
        auto const upload = files_.begin(who.actor(), number_of(request, "Upload-Length", 1), metadata(request, "filetype"), metadata(request, "filename"));
        auto response = empty(201);
        response.headers.add("Location", "/api/files/uploads/" + upload.id);
        add_upload_headers(response, upload);
        return response;
    });
}

http::Response FileHandlers::upload_state(http::Request const& request) {
    return speaking_tus(request, [&] {
        request.query.allow_only({});
        auto const who = gate_.require(request);
        auto const upload = files_.find_upload(who.actor(), request.value(0));
        if (!upload) throw Error{ErrorKind::not_found, fmt::format("there is no upload {} of yours, or it has expired", request.value(0).substr(0, 80))};
        JsonWriter json;
        json.begin_object().member("offset", static_cast<long long>(upload->there)).member("length", static_cast<long long>(upload->total)).key("file");
        auto const file = upload->sha256.empty() ? std::nullopt : files_.find(who.actor(), upload->sha256);
        if (file) write_facts(json, *file);
        else json.null();
        json.end_object();
        auto response = private_json(200, json.take());
        response.headers.add("Upload-Length", std::to_string(upload->total));
        add_upload_headers(response, *upload);
        return response;
    });
}

http::Response FileHandlers::add_piece(http::Request const& request) {
    return speaking_tus(request, [&] {
        request.query.allow_only({});
        auto const who = gate_.require(request);
        if (request.header_or("Content-Type", "") != "application/offset+octet-stream")
            throw Error{ErrorKind::unsupported_media, "a piece of an upload is application/offset+octet-stream"};
        auto const upload = files_.append(who.actor(), request.value(0), number_of(request, "Upload-Offset", 0), request.body);
        auto response = empty(204);
        add_upload_headers(response, upload);
        return response;
    });
}

http::Response FileHandlers::end_upload(http::Request const& request) {
    return speaking_tus(request, [&] {
        request.query.allow_only({});
        auto const who = gate_.require(request);
        if (!files_.give_up(who.actor(), request.value(0)))
            throw Error{ErrorKind::not_found, fmt::format("there is no upload {} of yours", request.value(0).substr(0, 80))};
        return empty(204);
    });
}

}  // namespace api
