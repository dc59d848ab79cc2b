#include "programme/demo/content.hpp"

#include "gis_core/error.hpp"
#include "programme/demo/sql/statements.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>
#include <pqxx/pqxx>

#include <optional>
#include <string>

namespace programme::demo {

void load_content(pqxx::transaction_base& tx, std::filesystem::path const& data) {
    auto const file = data / "demo/content.toml";
    toml::table document;
    try {
        document = toml::parse_file(file.string());
    } catch (toml::parse_error const& error) {
        throw gis_core::Error{gis_core::ErrorKind::invalid_argument, fmt::format("{}:{}: {}", file.string(), error.source().begin.line, error.description())};
    }
    auto const* items = document["item"].as_array();
    if (items == nullptr) throw gis_core::invalid_field(file.string(), "", "[[item]] tables");
    tx.exec(sql::content_clear.text);
    for (auto const& node : *items) {
        auto const& item = *node.as_table();
        auto const text = [&](char const* key) { return item[key].value<std::string>(); };
        tx.exec_params(sql::content_sample.text, text("kind"), text("title_vi"), text("title_en"), text("body_vi"), text("body_en"), text("doc_number"),
                       text("issuer"), text("issued_on"), text("effective_from"), text("source_url"));
    }
    for (auto const& node : *items) {
        auto const& item = *node.as_table();
        if (auto const newer = item["replaced_by"].value<std::string>())
            tx.exec_params(sql::content_replaced_by.text, item["doc_number"].value<std::string>(), *newer);
    }
}

}  // namespace programme::demo
