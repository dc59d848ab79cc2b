#include "programme/workflow/papers.hpp"

#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "programme/documents/from_json.hpp"
#include "programme/workflow/answers.hpp"
#include "programme/workflow/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <array>

namespace programme::workflow {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using Tx = pqxx::transaction_base;

/// Codes become the words that people read. Lists by the field they stand in.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kWords{{{"producer_kind", "producer_kind"},
                                                                               {"representative_gender", "gender"},
                                                                               {"evidence_kind", "evidence_kind"},
                                                                               {"member_role", "council_role"},
                                                                               {"role", "council_role"},
                                                                               {"note", "evidence_kind"}}};

std::string word(dictionary::Dictionary const& words, std::string_view list, std::string const& code) {
    auto const* known = words.find_list(list);
    auto const* found = known == nullptr ? nullptr : known->find(code);
    return found == nullptr ? code : found->label.vi;
}

/// Walks through the fields: no nulls, codes in words, and the case beside an option where the card has cases.
void settle(Json& json, dictionary::Dictionary const& words, grading::Set const* set) {
    if (json.is_array()) {
        for (auto& each : json) settle(each, words, set);
        return;
    }
    if (!json.is_object()) return;
    for (auto it = json.begin(); it != json.end();) it.value().is_null() ? void(it = json.erase(it)) : void(++it);
    for (auto const& [field, list] : kWords) {
        auto const found = json.find(std::string{field});
        if (found != json.end() && found->is_string()) *found = word(words, list, found->get<std::string>());
    }
    for (auto const* field : {"attachments", "papers"}) {
        auto const found = json.find(field);
        if (found == json.end()) continue;
        for (auto& each : *found) {
            auto& text = each.is_object() ? each["name"] : each;
            text = word(words, "evidence_kind", text.get<std::string>());
        }
    }
    if (auto const options = json.find("options"); options != json.end() && set != nullptr) {
        auto const sheet = sheet_of(*set, "", *options);
        for (auto& [code, answer] : options->items()) {
            auto const given = sheet.answers.find(code);
            if (given->second.case_number) answer = {{"case", *given->second.case_number}, {"option", given->second.option}};
        }
        return;
    }
    for (auto& [key, value] : json.items()) settle(value, words, set);
}

}  // namespace

documents::Document paper_of_dossier(Tx& tx, Rubrics& rubrics, dictionary::Dictionary const& words, PaperOrder const& order) {
    auto const row = tx.exec_params(sql::paper_of_dossier.text, order.dossier, order.kind, order.sheet)[0];
    if (row["fields"].is_null() || row["version_key"].is_null())
        throw Error{ErrorKind::not_found, fmt::format("there is no {} of dossier {} that you may see, or it is not there yet", order.kind, order.dossier)};
    auto const rubric = rubrics.find(tx, row["version_key"].as<long long>());
    auto fields = gis_core::parse_json(row["fields"].as<std::string>(), "fields");
    settle(fields, words, row["set_no"].is_null() ? nullptr : &rubric->set(row["set_no"].as<int>()));
    if (order.kind == "certificate" && !order.public_url.empty() && fields.contains("certificate_serial"))
        fields["verify_url"] = order.public_url + "/xac-minh/" + fields["certificate_serial"].get<std::string>();
    return documents::from_json(order.kind, fields, *rubric);
}

documents::Document paper_of_session(Tx& tx, Rubrics& rubrics, dictionary::Dictionary const& words, std::string const& kind, long long session) {
    auto const row = tx.exec_params(sql::paper_of_session.text, session, kind)[0];
    if (!row["version_count"].is_null() && row["version_count"].as<int>() > 1)
        throw Error{ErrorKind::conflict, "the session's dossiers went by different editions of the score card: one paper is for one of them"};
    if (row["fields"].is_null())
        throw Error{ErrorKind::not_found, fmt::format("there is no {} of session {} that you may see, or it is not there yet", kind, session)};
    auto const rubric = rubrics.find(tx, row["version_key"].as<long long>());
    auto fields = gis_core::parse_json(row["fields"].as<std::string>(), "fields");
    settle(fields, words, nullptr);
    // each product has a card of its own
    if (fields.contains("products")) {
        for (auto& product : fields["products"]) {
            if (product.contains("rounds")) settle(product["rounds"], words, &rubric->set(product["product"]["set"].get<int>()));
        }
    }
    return documents::from_json(kind, fields, *rubric);
}

}  // namespace programme::workflow
