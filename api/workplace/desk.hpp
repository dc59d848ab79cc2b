#pragma once

#include "api/accounts/gate.hpp"
#include "api/context.hpp"
#include "api/pages/form.hpp"
#include "api/pages/pages.hpp"
#include "api/workplace/sections.hpp"
#include "api/workplace/words.hpp"
#include "programme/access/access.hpp"
#include "programme/records/records.hpp"
#include "programme/retention/retention.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace programme::files {
class Files;
}

/// The work pages under /quan-ly: hub, list, record, form and history of every entity, from the dictionary and the rights of whoever
/// acts. Plain HTML forms; web/src/work.js adds drafts and maps.
namespace api::workplace {

using Language = pages::Pages::Language;
using programme::access::Right;
using programme::records::Lens;

/// What the pages stand on; one a daemon.
struct Workplace {
    gis_core::db::Pool& pool;
    Gate& gate;
    std::shared_ptr<pages::Pages> pages;
    std::shared_ptr<programme::dictionary::Dictionary const> dictionary;
    programme::access::Access access;
    programme::accounts::Vault vault;
    std::vector<Section> sections;
    programme::files::Files* files = nullptr;  // where the service keeps none
    std::string files_place;  // where files are stored, for the space that is left; empty: nowhere
    programme::retention::List retention;
};

/// Who may not do what, in words: becomes a page with status 403.
struct Refused {
    std::string what, why;
};

enum class Verb { list, create, record, edit, history };

/// One visit of somebody who acts under a role.
struct Desk {
    Workplace& place;
    http::Request const& request;
    Language language;
    pages::Texts const& t;
    programme::accounts::Identity who;
    std::string scope;  // name of the unit or producer the grant names

    std::string const& role() const { return who.role; }
    std::string href(Entity const* entity, Verb verb = Verb::list, std::int64_t key = 0) const;
    std::string href_in(Language other, Entity const* entity, Verb verb = Verb::list, std::int64_t key = 0) const;
    std::string map_href() const { return map_href(language); }
    std::string map_href(Language in) const { return in == Language::vi ? "/quan-ly/ban-do" : "/en/manage/map"; }
    /// What the role may do with an entity. \throws Refused where that is nothing, or not enough.
    std::pair<Lens, Right> open(std::string const& entity, bool writes) const;
    Right right(Entity const& entity) const { return place.access.right(entity.id, who.role); }
    Lens lens(Entity const& entity) const { return {entity, who.role, &place.vault, right(entity).is_masked}; }
    /// Whether new rows are theirs to make: a producer is one already.
    bool may_add(Entity const& entity) const;
    /// Why a row is out of reach: own producer, territory, time.
    std::string reach_in_words(Right const& right) const;
    /// Rows by name, as people say them; a row that the role does not reach stands as its number.
    std::map<std::int64_t, std::string> names(pqxx::transaction_base& tx, Entity const& entity, std::vector<std::int64_t> const& keys) const;
    std::string name(pqxx::transaction_base& tx, Entity const& entity, std::int64_t key) const;

    /// The imports of files, or one of them.
    std::string import_href_in(Language other, std::int64_t key = 0) const;
    std::string import_href(std::int64_t key = 0) const { return import_href_in(language, key); }
    Language other_language() const { return language == Language::vi ? Language::en : Language::vi; }

    http::Response show(char const* page, gis_core::Json model, std::string const& other_href, int status = 200) const;
    /// Data for the scripts of a page: words, addresses, what the map shows.
    gis_core::Json script_data() const;
};

/// A row's link to another: its parent, or the producer it names.
struct Link {
    std::string column;
    Entity const* entity;
};
/// is_new: with the producer that a new zone or plot may name.
std::vector<Link> links_of(Workplace const& place, Entity const& entity, bool is_new = false);
/// The fields of an entity that a role sees, if masked, and that stand in its table.
std::vector<Field const*> seen_fields(Lens const& lens);

http::Response see_other(std::string const& target);
gis_core::Json parsed(std::string const& json);

http::Response get_hub(Desk const& desk);
http::Response get_map(Desk const& desk);
http::Response get_list(Desk const& desk);
http::Response get_record(Desk const& desk);
http::Response post_record(Desk const& desk);  // retire, restore, reveal
http::Response get_history(Desk const& desk);
http::Response get_form(Desk const& desk, bool is_new);
http::Response post_form(Desk const& desk, bool is_new);
/// A page of the grading procedure; `with_rail`: roles that find it in the rail.
struct GradingPage {
    char const* view;
    pages::Address address;
    bool has_id;
    char const* icon;
    std::string_view with_rail;
};
inline constexpr std::array<GradingPage, 6> kGradingPages{{
    {"dossiers", {"/quan-ly/ho-so", "/en/manage/dossier-desk"}, false, "folder-open", "R02 R04 R05 R06 R07 R08 R09 R11 R12 R13 R14"},
    {"dossier", {"/quan-ly/ho-so", "/en/manage/dossier-desk"}, true, "", ""},
    {"sheets", {"/quan-ly/cham-diem", "/en/manage/scoring"}, false, "clipboard-check", "R10 R12"},
    {"sheet", {"/quan-ly/cham-diem", "/en/manage/scoring"}, true, "", ""},
    {"council", {"/quan-ly/hoi-dong", "/en/manage/council"}, false, "scale", "R08 R10 R11 R12 R13"},
    {"rubrics", {"/quan-ly/bo-tieu-chi", "/en/manage/rubrics"}, false, "list-checks", "R08"},
}};
http::Response get_grading(Desk const& desk, GradingPage const& page);
http::Response get_imports(Desk const& desk);
http::Response get_import(Desk const& desk);
http::Response post_import(Desk const& desk);  // cancel

/// The coordinate systems that can be named, as value and name: WGS 84, and VN-2000 with its meridian, that of Bến Tre first.
std::vector<std::pair<std::string, std::string>> coordinate_systems(pages::Texts const& t);
/// The choices of a <select>.
gis_core::Json options_of(std::string const& chosen, std::vector<std::pair<std::string, std::string>> const& options);

}  // namespace api::workplace
