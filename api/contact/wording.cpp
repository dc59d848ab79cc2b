#include "api/contact/wording.hpp"

#include "programme/dictionary/dictionary.hpp"

#include <fmt/format.h>

namespace api {
namespace {

using gis_core::Json;
using pages::Texts;

/// The label of a code, in the language of the texts.
std::string label(Texts const& t, programme::dictionary::Dictionary const& dictionary, std::initializer_list<char const*> lists, std::string const& code) {
    for (auto const* name : lists) {
        auto const* list = dictionary.find_list(name);
        auto const* found = list == nullptr ? nullptr : list->find(code);
        if (found != nullptr) return t.is_vietnamese() ? found->label.vi : found->label.en;
    }
    return code;
}

}  // namespace

std::string notice_sentence(Texts const& t, programme::dictionary::Dictionary const& dictionary, std::string_view kind, Json const& facts) {
    auto const fact = [&](char const* name) -> std::string {
        auto const found = facts.find(name);
        if (found == facts.end() || found->is_null()) return {};
        return found->is_string() ? found->get<std::string>() : gis_core::to_text(*found);
    };
    auto const paper = fact("paper");
    auto const product = fact("product");
    auto key = fmt::format("notice_{}", kind);
    if (kind == "feedback" || kind == "misuse") key += product.empty() ? "_general" : "";
    if (kind == "account") key += '_' + fact("what");
    if (kind == "supplement_asked" && fact("due").empty()) key += "_open";
    return t(key, {{"paper", paper == "ocop" ? t("notice_paper_ocop") : label(t, dictionary, {"quality_certificate", "ip_kind"}, paper)},
                   {"product", product},
                   {"until", Texts::date(fact("until"))},
                   {"days", fact("days")},
                   {"state", label(t, dictionary, {"dossier_state"}, fact("state"))},
                   {"due", Texts::date(fact("due"))},
                   {"producer", fact("producer")},
                   {"role", fact("role").empty() ? std::string{} : t("role_" + fact("role"))},
                   {"kind", fact("kind").empty() ? std::string{} : t("fb_kind_" + fact("kind"))},
                   {"rating", fact("rating")}});
}

programme::contact::Compose make_compose(std::filesystem::path const& web, std::shared_ptr<programme::dictionary::Dictionary const> dictionary,
                                         std::string base) {
    auto const vi = std::make_shared<Texts const>(Texts::load(web / "texts" / "vi.json")),
               en = std::make_shared<Texts const>(Texts::load(web / "texts" / "en.json"));
    return [vi, en, dictionary = std::move(dictionary), base = std::move(base)](std::string_view kind, std::string_view facts) {
        auto const parsed = gis_core::parse_json(facts, "facts");
        programme::contact::Letter letter;
        letter.subject = (*vi)("mail_subject", {{"kind", (*vi)(fmt::format("notice_kind_{}", kind))}});
        for (auto const& [t, page] : {std::pair{vi.get(), "/thong-bao"}, {en.get(), "/en/notifications"}}) {
            letter.body += notice_sentence(*t, *dictionary, kind, parsed) + "\r\n";
            if (!base.empty()) letter.body += (*t)("mail_link", {{"link", base + page}}) + "\r\n";
            letter.body += (*t)("mail_why") + "\r\n\r\n";
        }
        return letter;
    };
}

}  // namespace api
