#include "api/workplace/pages.hpp"

#include "api/workplace/administration.hpp"
#include "api/routes.hpp"
#include "api/workplace/desk.hpp"
#include "api/workplace/inspection.hpp"
#include "api/workplace/reports.hpp"
#include "gis_core/error.hpp"
#include "http/router.hpp"
#include "programme/dictionary/usage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <mutex>

namespace api {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using gis_core::db::Session;
using pages::Pages;
using workplace::Desk;
using workplace::Language;
using workplace::Workplace;

http::Response said(Desk const& desk, std::string const& title, std::string const& what, std::string const& why, int status) {
    Json model{{"title", title}, {"what", what}, {"why", why}};
    return desk.show("work_refused", std::move(model), desk.href_in(desk.language == Language::vi ? Language::en : Language::vi, nullptr), status);
}

/// A page for whoever is signed in and acts under a role; others sign in first.
http::Response visit(Workplace& place, http::Request const& request, Language language, std::function<http::Response(Desk const&)> const& make) {
    auto const& t = place.pages->texts(language);
    auto const found = place.gate.find(request);
    if (!found || found->session == 0) {
        auto const sign_in = std::string{language == Language::vi ? "/dang-nhap" : "/en/sign-in"};
        bool const is_safe = request.method == "GET" || request.method == "HEAD";
        return workplace::see_other(sign_in + "?next=" + pages::encode_value(is_safe ? request.target : request.path));
    }
    Desk desk{place, request, language, t, *found, {}};
    if (request.method == "POST") {
        if (!is_form(request)) throw Error{ErrorKind::unsupported_media, "this address reads forms"};
        try {
            desk.who = place.gate.require_session(request);
        } catch (Error const& error) {
            if (error.kind() != ErrorKind::forbidden) throw;
            return said(desk, t("work_refused"), t("work_old_page"), t("work_old_page_why"), 403);
        }
    }
    for (auto const& grant : place.gate.accounts().grants(desk.who)) {
        if (grant.id == desk.who.grant) desk.scope = grant.scope;
    }
    if (place.gate.lacks_second_factor(desk.who)) return said(desk, t("work_refused"), t("work_no_second_factor"), t("work_no_second_factor_why"), 403);
    if (desk.role().empty()) return said(desk, t("work_refused"), t("work_no_role"), t("work_no_role_why"), 403);
    try {
        return make(desk);
    } catch (workplace::Refused const& refused) {
        return said(desk, t("work_refused"), refused.what, refused.why, 403);
    } catch (Error const& error) {
        if (error.kind() == ErrorKind::not_found && !error.fields().empty()) return said(desk, error.what(), error.fields().front().allowed, t("work_no_row_why"), 404);
        if (error.kind() == ErrorKind::not_found) return said(desk, t("error_not_found_title"), t("work_no_page"), "", 404);
        throw;
    }
}

// --- /tu-dien -------------------------------------------------------------------------------------------------------------

/// Counted anew after an hour: it reads every row.
class CountedFields {
public:
    CountedFields(gis_core::db::Pool& pool, std::shared_ptr<programme::dictionary::Dictionary const> dictionary) : pool_{pool}, dictionary_{std::move(dictionary)} {}
    std::map<int, programme::dictionary::Usage> get() {
        std::lock_guard const lock{mutex_};  // one counts, the others wait for it
        auto const now = std::chrono::steady_clock::now();
        if (counts_.empty() || now - counted_at_ > std::chrono::hours{1}) {
            counts_ = pool_.read("", [&](pqxx::transaction_base& tx, Session&) { return programme::dictionary::field_usage(*dictionary_, tx); });
            counted_at_ = now;
        }
        return counts_;
    }

private:
    gis_core::db::Pool& pool_;
    std::shared_ptr<programme::dictionary::Dictionary const> dictionary_;
    std::mutex mutex_;
    std::map<int, programme::dictionary::Usage> counts_;
    std::chrono::steady_clock::time_point counted_at_;
};

http::Response dictionary_page(Workplace const& place, CountedFields& counted, http::Request const& request, Language language) {
    using programme::dictionary::to_string;
    auto const& t = place.pages->texts(language);
    auto const usage = counted.get();
    Json groups = Json::array();
    int unused = 0;
    for (auto const& group : place.dictionary->groups()) {
        Json entities = Json::array();
        for (auto const& entity : place.dictionary->entities()) {
            if (entity.group != group.number) continue;
            Json fields = Json::array();
            for (auto const* field : entity.fields) {
                auto const& use = usage.at(field->number);
                unused += use.filled == 0;
                std::string allowed;
                if (field->list != nullptr) {
                    for (auto const& code : field->list->codes) allowed += (allowed.empty() ? "" : ", ") + workplace::in(t, code.label);
                }
                fields.push_back(
                    {{"number", field->number},
                     {"column", field->column},
                     {"label", workplace::in(t, field->label)},
                     {"type", t(fmt::format("type_{}", to_string(field->type)))},
                     {"unit", workplace::unit_of(t, *field)},
                     {"allowed", allowed},
                     {"required", field->is_required},
                     {"derived", field->is_derived},
                     {"visible", t(fmt::format("visible_{}", to_string(field->visibility)))},
                     {"personal", field->personal == programme::dictionary::Personal::none ? "" : t(fmt::format("personal_{}", to_string(field->personal)))},
                     {"source", field->source == "proposal" ? "" : field->source},
                     {"filled", t.number(use.filled)},
                     {"unused", use.filled == 0},
                     {"of", t("dict_of", {{"n", t.number(use.total)}})}});
            }
            entities.push_back({{"entity_id", entity.id}, {"entity_title", workplace::in(t, entity.title)}, {"fields", std::move(fields)}});
        }
        groups.push_back({{"group_title", fmt::format("{}. {}", group.number, workplace::in(t, group.title))}, {"group_id", group.number}, {"entities", std::move(entities)}});
    }
    Json model{{"title", t("dict_title")}};
    model["about"] = t("dict_about", {{"n", t.number(static_cast<std::int64_t>(place.dictionary->fields().size()))},
                                      {"m", t.number(static_cast<std::int64_t>(place.dictionary->entities().size()))}});
    model["unused"] = unused == 0 ? t("dict_none_unused") : t("dict_unused", {{"n", t.number(std::int64_t{unused})}});
    model["groups"] = std::move(groups);
    model["other_href"] = language == Language::vi ? "/en/dictionary" : "/tu-dien";
    return place.pages->personal(request, language, "dictionary", std::move(model));
}

}  // namespace

void add_work_pages(http::Router& router, Context& context, std::shared_ptr<Pages> const& pages) {
    auto dictionary = std::make_shared<programme::dictionary::Dictionary const>(programme::dictionary::Dictionary::load(context.config.data_dir));
    auto access = programme::access::Access::load(context.config.data_dir, *dictionary);
    auto sections = workplace::load_sections(context.config.data_dir, *dictionary);
    auto* const files = context.config.files.place.empty() ? nullptr : &files_of(context);
    auto const place = std::make_shared<Workplace>(Workplace{context.pool, gate_of(context), pages, dictionary, std::move(access),
                                                             programme::accounts::Vault{context.config.secret_key}, std::move(sections), files,
                                                             context.config.files.place, programme::retention::List::load(context.config.data_dir)});
    using Call = std::function<http::Response(Desk const&)>;
    auto const add = [&](char const* method, std::string const& vi, std::string const& en, Call call) {
        for (auto const& [path, language] : {std::pair{"/quan-ly" + vi, Language::vi}, std::pair{"/en/manage" + en, Language::en}}) {
            router.add(method, path, [place, language = language, call](http::Request const& request) {
                return place->pages->guarded(request, language, [&] { return visit(*place, request, language, call); });
            });
        }
    };
    auto const form = [](bool is_new) { return [is_new](Desk const& desk) { return workplace::get_form(desk, is_new); }; };
    auto const sent = [](bool is_new) { return [is_new](Desk const& desk) { return workplace::post_form(desk, is_new); }; };
    add("GET", "", "", workplace::get_hub);
    add("GET", "/ban-do", "/map", workplace::get_map);
    auto const add_at = [&](char const* method, pages::Address const& address, std::string const& rest, Call const& call) {
        auto const tail = [&](Language language, char const* root) { return address.in(language).substr(std::string_view{root}.size()) + rest; };
        add(method, tail(Language::vi, "/quan-ly"), tail(Language::en, "/en/manage"), call);
    };
    // Before the entities: these words are none.
    add_at("GET", workplace::kAccounts, "", workplace::get_accounts);
    add_at("GET", workplace::kNewAccount, "", workplace::get_new_account);
    add_at("POST", workplace::kNewAccount, "", workplace::post_new_account);
    add_at("GET", workplace::kAccounts, "/{id}", workplace::get_account);
    add_at("POST", workplace::kAccounts, "/{id}", workplace::post_account);
    add_at("GET", workplace::kJobs, "", workplace::get_jobs);
    add_at("POST", workplace::kJobs, "", workplace::post_jobs);
    for (auto const& page : workplace::kGradingPages)
        add_at("GET", page.address, page.has_id ? "/{id}" : "", [&page](Desk const& desk) { return workplace::get_grading(desk, page); });
    add_at("GET", workplace::kReports, "", workplace::get_reports);
    add_at("GET", workplace::kInspection, "", workplace::get_inspection);
    add_at("GET", workplace::kInspection, "/{id}", workplace::get_inspection_plan);
    add_at("POST", workplace::kInspection, "/{id}", workplace::post_inspection_plan);
    add_at("GET", workplace::kVisit, "/{id}", workplace::get_visit);
    add_at("POST", workplace::kVisit, "/{id}", workplace::post_visit);
    add("GET", "/nhap-lieu", "/import", workplace::get_imports);
    add("GET", "/nhap-lieu/{id}", "/import/{id}", workplace::get_import);
    add("POST", "/nhap-lieu/{id}", "/import/{id}", workplace::post_import);
    add("GET", "/{entity}", "/{entity}", workplace::get_list);
    add("GET", "/{entity}/moi", "/{entity}/new", form(true));
    add("POST", "/{entity}/moi", "/{entity}/new", sent(true));
    add("GET", "/{entity}/{id}", "/{entity}/{id}", workplace::get_record);
    add("POST", "/{entity}/{id}", "/{entity}/{id}", workplace::post_record);
    add("GET", "/{entity}/{id}/sua", "/{entity}/{id}/edit", form(false));
    add("POST", "/{entity}/{id}/sua", "/{entity}/{id}/edit", sent(false));
    add("GET", "/{entity}/{id}/lich-su", "/{entity}/{id}/history", workplace::get_history);

    auto const counted = std::make_shared<CountedFields>(context.pool, dictionary);
    for (auto const& [path, language] : {std::pair{"/tu-dien", Language::vi}, std::pair{"/en/dictionary", Language::en}}) {
        router.get(path, [place, counted, language = language](http::Request const& request) {
            return place->pages->guarded(request, language, [&] { return dictionary_page(*place, *counted, request, language); });
        });
    }
}

}  // namespace api
