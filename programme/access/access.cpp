#include "programme/access/access.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "programme/access/sql/statements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sodium.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <array>
#include <vector>

namespace programme::access {
namespace {

using dictionary::Dictionary;
using dictionary::Entity;
using dictionary::Field;
using dictionary::Personal;
using dictionary::Visibility;
using gis_core::Error;
using gis_core::ErrorKind;

constexpr char const* kFile = "access.csv";
// R01 is everybody and reads pub; R18 is a machine and acts as the grant its owner gave it.
constexpr std::array kRoles{"R02", "R03", "R04", "R05", "R06", "R07", "R08", "R09", "R10", "R11", "R12", "R13", "R14", "R15", "R16", "R17"};
// Of a person whose data are masked these are shown, and no others: the name one writes on a decision, and endings to tell people apart by.
constexpr std::array<std::pair<std::string_view, Sight>, 5> kMasked{{{"ocop.representative.legal_rep_name", Sight::full},
                                                                     {"ocop.representative.legal_rep_position", Sight::full},
                                                                     {"ocop.representative.contact_person_name", Sight::full},
                                                                     {"ocop.representative.contact_person_phone", Sight::masked},
                                                                     {"ocop.representative_private.legal_rep_identity_no", Sight::masked}}};
constexpr std::array<std::pair<std::string_view, Reach>, 5> kReaches{
    {{"own", Reach::own}, {"area", Reach::area}, {"past", Reach::past}, {"assigned", Reach::assigned}, {"all", Reach::all}}};

Right read_right(std::string const& text, std::size_t line, std::string const& column) {
    auto const refuse = [&] {
        throw Error{ErrorKind::invalid_argument, fmt::format("{}:{}: {} is {}, must be - or r, m (read masked) or w, then own, area, past, assigned or all, "
                                                             "then nothing or submitted; past and assigned are read only",
                                                             kFile, line, column, text)};
    };
    if (text == "-") return {};
    Right right;
    auto rest = std::string_view{text};
    if (!rest.starts_with("r ") && !rest.starts_with("m ") && !rest.starts_with("w ")) refuse();
    right.may_write = rest.front() == 'w';
    right.is_masked = rest.front() == 'm';
    rest.remove_prefix(2);
    if (rest.ends_with(" submitted")) {
        right.only_submitted = true;
        rest.remove_suffix(std::string_view{" submitted"}.size());
    }
    auto const reach = std::find_if(kReaches.begin(), kReaches.end(), [&](auto const& r) { return r.first == rest; });
    if (reach == kReaches.end() || ((reach->second == Reach::past || reach->second == Reach::assigned) && right.may_write)) refuse();
    right.reach = reach->second;
    return right;
}

bool hangs_on_dossier(Entity const& entity) { return entity.id == "dossiers" || (entity.parent && entity.parent->column == "dossier_key"); }

/// The rows a right reaches, as SQL over the table's own columns. Each look-up is computed once a statement, so that the
/// indexes on producer_key and lineage_key are used.
std::string condition(Entity const& entity, Right const& right) {
    std::string out;
    switch (right.reach) {
    case Reach::none: return "false";
    case Reach::all: out = "true"; break;
    case Reach::own: out = "producer_key = ANY ((SELECT auth.producers())::bigint[])"; break;
    case Reach::area: out = "lineage_key = ANY ((SELECT auth.lineages())::integer[])"; break;
    case Reach::assigned:
        out = hangs_on_dossier(entity) ? "dossier_key = ANY ((SELECT workflow.assigned())::bigint[])"
                                       : "producer_key = ANY ((SELECT workflow.assigned_producers())::bigint[])";
        break;
    case Reach::past:
        out = fmt::format("lineage_key = ANY ((SELECT auth.lineages())::integer[]) AND {} < (SELECT auth.unit_end())",
                          entity.dated.empty() ? "created_at" : entity.dated);
        break;
    }
    if (right.only_submitted)
        out += entity.id == "dossiers" ? " AND dossier_state <> 'draft'" : " AND dossier_key IN (SELECT d.dossier_key FROM ocop.dossier d)";
    return out;
}

std::string database_role(std::string_view role) { return fmt::format("ocopmap_r{}", role.substr(1)); }

/// Everything the list means for one table.
void write_entity(std::vector<std::string>& out, Access const& access, Entity const& entity, pqxx::transaction_base& tx) {
    auto const& table = entity.table;
    auto const say = [&](std::string statement) { out.push_back(std::move(statement)); };
    say(fmt::format("ALTER TABLE {} ENABLE ROW LEVEL SECURITY", table));
    say(fmt::format("CREATE POLICY access_editor ON {} TO ocopmap_editor USING (true) WITH CHECK (true)", table));  // operators with psql or QGIS
    auto const columns = tx.exec_params(sql::table_columns.text, table);
    for (auto const* role : kRoles) {
        auto const to = database_role(role);
        say(fmt::format("REVOKE ALL ON {} FROM {}", table, to));
        auto const right = access.right(entity.id, role);
        if (!right.may_read()) continue;
        std::vector<std::string> seen, filled;
        for (auto const& row : columns) {
            auto const name = row[0].as<std::string>();
            auto const* field = entity.find(name);
            auto const seeing = field == nullptr ? Sight::full : sight(*field, role, right.is_masked);
            if (seeing == Sight::none || (seeing == Sight::masked && !dictionary::is_sealed(*field))) continue;
            seen.push_back(name);
            bool const is_link = (entity.parent && entity.parent->column == name) || (name == "producer_key" && names_producer(entity));
            bool const is_entered = field != nullptr && !field->is_derived;
            if (row[1].as<bool>() && (is_link || is_entered || name == "external_id" || name == "retired_at")) filled.push_back(name);
        }
        auto const where = condition(entity, right);
        say(fmt::format("GRANT SELECT ({}) ON {} TO {}", fmt::join(seen, ", "), table, to));
        say(fmt::format("CREATE POLICY access_{}_read ON {} FOR SELECT TO {} USING ({})", to.substr(8), table, to, where));
        if (!right.may_write) continue;
        say(fmt::format("GRANT INSERT ({0}), UPDATE ({0}) ON {1} TO {2}", fmt::join(filled, ", "), table, to));
        say(fmt::format("CREATE POLICY access_{}_insert ON {} FOR INSERT TO {} WITH CHECK ({})", to.substr(8), table, to, where));
        say(fmt::format("CREATE POLICY access_{0}_update ON {1} FOR UPDATE TO {2} USING ({3}) WITH CHECK ({3})", to.substr(8), table, to, where));
    }
}

std::string digest(std::vector<std::string> const& statements) {
    auto const text = fmt::format("{}", fmt::join(statements, ";\n"));
    std::array<unsigned char, 16> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<unsigned char const*>(text.data()), text.size(), nullptr, 0);
    return fmt::format("{:02x}", fmt::join(hash, ""));
}

}  // namespace

Access Access::load(std::filesystem::path const& data, Dictionary const& dictionary) { return parse(gis_core::io::read_bytes(data / kFile), dictionary); }

Access Access::parse(std::string_view csv, Dictionary const& dictionary) {
    Access out;
    auto const table = gis_core::io::parse_csv(csv, kFile);
    for (auto const& row : table.rows) {
        auto const id = table.at(row, "entity");
        auto const* entity = dictionary.find(id);
        auto const refuse = [&](std::string const& what) { throw Error{ErrorKind::invalid_argument, fmt::format("{}:{}: {}", kFile, row.line, what)}; };
        if (entity == nullptr) refuse(fmt::format("entity is {}, must be one of entities.toml", id));
        if (out.rights_.contains(std::pair{id, std::string{kRoles.front()}})) refuse(fmt::format("entity {} stands twice", id));
        for (auto const* role : kRoles) {
            auto const right = read_right(table.at(row, role), row.line, role);
            if (right.reach == Reach::own && entity->scope == dictionary::Scope::programme) refuse(fmt::format("{}: {} belongs to no producer", role, id));
            if ((right.reach == Reach::area || right.reach == Reach::past) && entity->scope == dictionary::Scope::programme)
                refuse(fmt::format("{}: {} has no territory", role, id));
            if (right.reach == Reach::assigned && entity->scope != dictionary::Scope::producer)
                refuse(fmt::format("{}: {} belongs to no producer, so none is assigned", role, id));
            out.rights_[{id, role}] = right;
        }
    }
    for (auto const& entity : dictionary.entities()) {
        if (!out.rights_.contains(std::pair{entity.id, std::string{kRoles.front()}}))
            throw Error{ErrorKind::invalid_argument, fmt::format("{}: entity {} has no line", kFile, entity.id)};
    }
    return out;
}

Right Access::right(std::string_view entity, std::string_view role) const {
    auto const found = rights_.find(std::pair{std::string{entity}, std::string{role}});
    return found == rights_.end() ? Right{} : found->second;
}

bool names_producer(Entity const& entity) { return entity.id == "zones" || entity.id == "plots"; }

bool may_see(Field const& field, std::string_view role) {
    auto const is = [&](std::initializer_list<std::string_view> roles) { return std::find(roles.begin(), roles.end(), role) != roles.end(); };
    // Planners, administrators and auditors work without personal data; a planner's work is places, which without names are nobody's.
    if (field.personal != Personal::none && is({"R15", "R16", "R17"}) && !(is({"R15"}) && is_shape(field))) return false;
    switch (field.visibility) {
    case Visibility::everybody: return true;
    case Visibility::producer: return true;  // of the rows it reaches: its own, or those it is an official for
    case Visibility::official: return !is({"R02", "R03"});
    case Visibility::restricted: return is({"R02", "R04", "R05", "R08"});
    }
    return false;
}

Sight sight(Field const& field, std::string_view role, bool is_masked) {
    if (!is_masked || field.personal == Personal::none) return may_see(field, role) ? Sight::full : Sight::none;
    auto const place = field.table + "." + field.column;
    auto const found = std::find_if(kMasked.begin(), kMasked.end(), [&](auto const& shown) { return shown.first == place; });
    return found == kMasked.end() ? Sight::none : found->second;
}

std::string masked_column(Field const& field) { return field.column + "_masked"; }

bool apply(Access const& access, Dictionary const& dictionary, pqxx::transaction_base& tx) {
    std::vector<std::string> statements;
    for (auto const& entity : dictionary.entities()) write_entity(statements, access, entity, tx);
    auto const signature = digest(statements);
    tx.exec("SELECT pg_advisory_xact_lock(hashtext('ocopmap access'))");
    auto const there = tx.exec("SELECT signature FROM auth.access_state");
    if (!there.empty() && there[0][0].as<std::string>() == signature) return false;
    for (auto const& row : tx.exec(sql::old_policies.text)) tx.exec(row[0].as<std::string>());
    for (auto const& statement : statements) tx.exec(statement);
    tx.exec_params("INSERT INTO auth.access_state (signature) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET signature = $1, applied_at = now()", signature);
    return true;
}

}  // namespace programme::access
