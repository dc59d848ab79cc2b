#include "gis_core/layers/install.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/connection>
#include <pqxx/dbtransaction>
#include <pqxx/except>
#include <pqxx/result>
#include <pqxx/subtransaction>
#include <pqxx/transaction>

#include <map>
#include <set>

namespace gis_core::layers {
namespace {

/// Types of a view's columns by name; empty when there is no such view.
std::map<std::string, std::string> columns_of(pqxx::transaction_base& tx, std::string const& view) {
    std::map<std::string, std::string> out;
    auto const rows = tx.exec_params(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped", view);
    for (auto const& row : rows) out[row[0].as<std::string>()] = row[1].as<std::string>();
    return out;
}

bool fits(AttributeType wanted, std::string const& type) {
    switch (wanted) {
    case AttributeType::text: return type == "text" || type.ends_with("_level") || type.starts_with("character");
    case AttributeType::integer: return type == "integer" || type == "bigint" || type == "smallint";
    case AttributeType::number: return type == "double precision" || type == "real" || type.starts_with("numeric");
    case AttributeType::boolean: return type == "boolean";
    case AttributeType::date: return type == "date";
    case AttributeType::array: return type == "text[]";
    }
    return false;
}

/// Every table a view reads, through other views.
std::set<std::string> tables_read_by(pqxx::transaction_base& tx, std::string const& view) {
    std::set<std::string> out;
    auto const rows = tx.exec_params(
        "WITH RECURSIVE reads AS ("
        "  SELECT to_regclass($1)::oid AS relation"
        "  UNION SELECT d.refobjid FROM reads r JOIN pg_rewrite w ON w.ev_class = r.relation"
        "  JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.relation)"
        " SELECT n.nspname || '.' || c.relname FROM reads JOIN pg_class c ON c.oid = relation JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'f', 'm')",
        view);
    for (auto const& row : rows) out.insert(row[0].as<std::string>());
    return out;
}

/// The views a layer's tiles are made from.
std::vector<std::string> sources_of(Layer const& layer) {
    std::vector<std::string> out{layer.view};
    if (layer.tile_view != layer.view) out.push_back(layer.tile_view);
    if (!layer.version_view.empty()) out.push_back(layer.version_view);
    if (layer.find_attribute("products") != nullptr) out.insert(out.end(), {"tile.lineage_figure", "tile.figure_version", "pub.lineage_unit"});
    return out;
}

/// Runs a statement that must parse and plan; the text of what is wrong with it otherwise.
std::string try_statement(pqxx::dbtransaction& tx, std::string const& statement) {
    try {
        pqxx::subtransaction attempt{tx};
        attempt.exec(statement);
        attempt.abort();
        return {};
    } catch (pqxx::sql_error const& error) {
        std::string text = error.what();
        return text.substr(0, text.find('\n'));
    }
}

std::vector<std::string> check_in(Catalogue const& catalogue, pqxx::dbtransaction& tx) {
    std::vector<std::string> out;
    for (auto const& layer : catalogue.layers()) {
        auto const say = [&](int line, std::string const& what) { out.push_back(fmt::format("layers.toml:{}: layer {}: {}", line, layer.id, what)); };
        auto const columns = columns_of(tx, layer.view);
        if (columns.empty()) {
            say(layer.line, fmt::format("there is no view {}", layer.view));
            continue;
        }
        auto const need = [&](std::map<std::string, std::string> const& there, std::string const& view, std::string const& name, auto&& is_right,
                              char const* wanted) {
            auto const found = there.find(name);
            if (found == there.end()) say(layer.line, fmt::format("{} has no column {}", view, name));
            else if (!is_right(found->second)) say(layer.line, fmt::format("{}.{} is {}, must be {}", view, name, found->second, wanted));
        };
        need(
            columns, layer.view, layer.key, [](auto const& type) { return type == "bigint"; }, "bigint");
        need(
            columns, layer.view, layer.geometry_column, [](auto const& type) { return type.starts_with("geometry(") && type.ends_with(",4326)"); },
            "geometry in 4326");
        need(
            columns, layer.view, layer.geometry_column_3857, [](auto const& type) { return type.starts_with("geometry(") && type.ends_with(",3857)"); },
            "geometry in 3857");
        for (auto const& name : {layer.valid_from_column, layer.valid_to_column}) {
            if (!name.empty())
                need(
                    columns, layer.view, name, [](auto const& type) { return type == "date"; }, "date");
        }
        for (auto const& attribute : layer.attributes) {
            if (!attribute.is_derived) {
                need(
                    columns, layer.view, attribute.name, [&](auto const& type) { return fits(attribute.type, type); }, to_string(attribute.type));
            }
        }
        if (layer.tile_view != layer.view) {
            auto const tile_columns = columns_of(tx, layer.tile_view);
            if (tile_columns.empty()) {
                say(layer.line, fmt::format("there is no view {}", layer.tile_view));
                continue;
            }
            need(
                tile_columns, layer.tile_view, layer.key, [](auto const& type) { return type == "bigint"; }, "bigint");
            for (auto const& name : {layer.geometry_column_3857, layer.coarse_column}) {
                if (!name.empty())
                    need(
                        tile_columns, layer.tile_view, name, [](auto const& type) { return type.starts_with("geometry(") && type.ends_with(",3857)"); },
                        "geometry in 3857");
            }
        }

        if (!layer.version_view.empty()) {
            auto const version_columns = columns_of(tx, layer.version_view);
            if (version_columns.empty()) {
                say(layer.line, fmt::format("there is no view {}", layer.version_view));
                continue;
            }
            for (auto const& name : {layer.since_column, layer.until_column}) {
                if (!name.empty())
                    need(
                        version_columns, layer.version_view, name, [](auto const& type) { return type == "date"; }, "date");
            }
            for (auto const& name : {layer.geometry_column, layer.geometry_column_3857, layer.coarse_column}) {
                if (!name.empty())
                    need(
                        version_columns, layer.version_view, name, [](auto const& type) { return type.starts_with("geometry("); }, "geometry");
            }
            for (auto const& attribute : layer.attributes) {
                if (!attribute.is_derived) {
                    need(
                        version_columns, layer.version_view, attribute.name, [&](auto const& type) { return fits(attribute.type, type); },
                        to_string(attribute.type));
                }
            }
        }

        // What the tiles of the layer are made from must be declared, or an edit there would go unseen (T1).
        std::set<std::string> declared;
        for (auto const& dependency : layer.depends) declared.insert(dependency.table);
        std::set<std::string> said;
        for (auto const& source : sources_of(layer)) {
            for (auto const& table : tables_read_by(tx, source)) {
                if (!declared.contains(table) && said.insert(table).second) {
                    say(layer.line, fmt::format("{} reads {}, which is not declared in [[layer.depends]]", source, table));
                }
            }
        }
        for (auto const& dependency : layer.depends) {
            if (columns_of(tx, dependency.table).empty()) {
                say(dependency.line, fmt::format("there is no table {}", dependency.table));
                continue;
            }
            auto wrong = try_statement(tx, fmt::format("EXPLAIN WITH changed AS (SELECT * FROM {}), affected (g) AS ({}) SELECT ST_XMin(g) FROM affected",
                                                       dependency.table, dependency.affected));
            if (!wrong.empty()) say(dependency.line, fmt::format("affected: {}", wrong));
            for (auto const& boundary : dependency.boundaries) {
                wrong = try_statement(tx, fmt::format("EXPLAIN SELECT FROM {} WHERE ({}) > current_date", dependency.table, boundary));
                if (!wrong.empty()) say(dependency.line, fmt::format("boundaries: {}: {}", boundary, wrong));
            }
        }
    }
    return out;
}

}  // namespace

std::vector<std::string> check(Catalogue const& catalogue, std::string const& conninfo) {
    pqxx::connection connection{conninfo};
    pqxx::work tx{connection};
    return check_in(catalogue, tx);
}

Installed apply(Catalogue const& catalogue, std::string const& conninfo) {
    pqxx::connection connection{conninfo};
    pqxx::work tx{connection};
    tx.exec("SET LOCAL client_min_messages = warning; SET LOCAL search_path = public");
    auto const findings = check_in(catalogue, tx);
    if (!findings.empty()) throw Error{ErrorKind::invalid_argument, fmt::format("{}", fmt::join(findings, "\n"))};

    auto const fingerprint = [&tx] {
        return tx.exec1("SELECT coalesce(md5(string_agg(d::text, '|' ORDER BY layer, base_table)), '') FROM tile.depends d")[0].as<std::string>();
    };
    Installed out;
    auto const before = fingerprint();
    tx.exec("DELETE FROM tile.depends");
    for (auto const& layer : catalogue.layers()) {
        for (auto const& dependency : layer.depends) {
            std::string boundaries = "{";
            for (auto const& boundary : dependency.boundaries) boundaries += (boundaries.size() > 1 ? ",\"" : "\"") + boundary + "\"";
            tx.exec_params(
                "INSERT INTO tile.depends (layer, base_table, affected, boundaries, columns)"
                " VALUES ($1, $2, $3, $4::text::text[], tile.columns_read($2::text::regclass, $3, $5::text::regclass[]))",
                layer.id, dependency.table, dependency.affected, boundaries + "}", fmt::format("{{{}}}", fmt::join(sources_of(layer), ",")));
        }
    }
    out.changed = fingerprint() != before;
    out.triggers = tx.exec1("SELECT tile.install_triggers()")[0].as<int>();
    out.frames = tx.exec1("SELECT tile.refresh_levels()")[0].as<int>();
    if (out.changed) tx.exec("SELECT tile.bump_epoch()");
    std::set<std::string> tables{"tile.unit_level", "tile.level_frame"};
    for (auto const& layer : catalogue.layers()) {
        for (auto const& dependency : layer.depends) tables.insert(dependency.table);
    }
    tx.exec(fmt::format("ANALYZE {}", fmt::join(tables, ", ")));  // after a load the planner knows nothing: 3 s a tile instead of 0.1
    tx.commit();
    return out;
}

}  // namespace gis_core::layers
