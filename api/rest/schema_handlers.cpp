#include "api/exports.hpp"
#include "api/rest/handlers.hpp"
#include "api/rest/json_writer.hpp"
#include "api/rest/representations.hpp"
#include "programme/dictionary/dictionary.hpp"
#include "programme/dictionary/template.hpp"

namespace api::rest {

http::Response ListSchemas::operator()(http::Request const& request) const {
    request.query.allow_only({});
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (auto const& entity : dictionary->entities()) {
        json.begin_object().member("id", std::string_view{entity.id}).member("group", entity.group).member("title_vi", std::string_view{entity.title.vi});
        json.member("title_en", std::string_view{entity.title.en}).member("fields", static_cast<int>(entity.fields.size()));
        json.member("href", std::string_view{"/api/schemas/" + entity.id}).end_object();
    }
    json.end_array().end_object();
    return json_answer(request, json);
}

http::Response GetSchema::operator()(http::Request const& request) const {
    request.query.allow_only({});
    return cacheable(request, "application/schema+json", programme::dictionary::json_schema(*dictionary, request.value(0)) + '\n');
}

http::Response GetTemplate::operator()(http::Request const& request) const {
    request.query.allow_only({});
    auto const& entity = dictionary->entity(request.value(0));
    FilePlace const place;
    auto const name = entity.id + ".xlsx";
    gis_core::io::TemporaryFile const file{name};
    programme::dictionary::write_template(*dictionary, entity.id, file.path());
    return send_file(file, gis_core::io::FileFormat::xlsx, name);
}

}  // namespace api::rest
