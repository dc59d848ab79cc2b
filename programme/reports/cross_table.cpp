#include "programme/reports/cross_table.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "programme/parameters.hpp"
#include "programme/reports/sql/statements.hpp"
#include "programme/reports/suppression.hpp"
#include "programme/sql/statements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace programme::reports {
namespace {

constexpr std::array<std::pair<Figure, std::string_view>, 4> kFigures{
    {{Figure::products, "products"}, {Figure::producers, "producers"}, {Figure::sales_vnd, "sales_vnd"}, {Figure::revenue_vnd, "revenue_vnd"}}};
constexpr std::array<std::pair<Dimension, std::string_view>, 7> kDimensions{{{Dimension::unit, "unit"},
                                                                             {Dimension::star, "star"},
                                                                             {Dimension::class_code, "class"},
                                                                             {Dimension::year, "year"},
                                                                             {Dimension::level, "level"},
                                                                             {Dimension::state, "state"},
                                                                             {Dimension::kind, "kind"}}};

struct Reading {
    pqxx::transaction_base& tx;
    gis_core::db::Session& session;
    dictionary::Dictionary const& dictionary;
    pqxx::result operator()(gis_core::db::Statement const& statement, Parameters const& parameters = {}) const { return execute(tx, session, statement, parameters); }
};

/// The values of a dimension in their order, the nameless one last. Units and lists of few values stand whole; classes and years that do not occur are left out.
std::vector<Heading> headings(Reading const& from, Dimension dimension, FrameDay const& frame, std::set<std::string> const& met) {
    std::vector<Heading> out;
    std::string none_vi, none_en;
    auto const add_list = [&](std::string_view name) {
        for (auto const& code : from.dictionary.find_list(name)->codes) out.push_back({code.code, code.label.vi, code.label.en});
    };
    switch (dimension) {
    case Dimension::unit:
        for (auto const& row : from(programme::sql::frame_units, Parameters{}.text(frame.level).text(frame.day.iso()))) {
            auto const name = row["name"].as<std::string>();
            out.push_back({row["code"].as<std::string>(), name, name});
        }
        none_vi = "Chưa rõ địa bàn", none_en = "Place unknown";
        break;
    case Dimension::star:
        for (auto const* star : {"5", "4", "3"}) out.push_back({star, fmt::format("{} sao", star), fmt::format("{} stars", star)});
        none_vi = "Không có sao còn hiệu lực", none_en = "No star in force";
        break;
    case Dimension::class_code:
        for (auto const& row : from(programme::sql::product_classes)) {
            auto const code = row["class_code"].as<std::string>();
            if (met.contains(code)) out.push_back({code, fmt::format("{} {}", code, row["name_vi"].as<std::string>()), fmt::format("{} {}", code, row["name_en"].as<std::string>())});
        }
        none_vi = "Chưa rõ nhóm", none_en = "Class unknown";
        break;
    case Dimension::year:
        for (auto const& year : met) {
            if (!year.empty()) out.push_back({year, year, year});
        }
        none_vi = "Chưa được công nhận", none_en = "Never certified";
        break;
    case Dimension::level:
        add_list("decision_authority");
        none_vi = "Chưa ghi cấp công nhận", none_en = "Level not recorded";
        break;
    case Dimension::state:
        add_list("certificate_state");
        out.push_back({"none", "Chưa được công nhận", "Never certified"});
        break;
    case Dimension::kind: add_list("producer_kind"); break;
    }
    if (met.contains("")) out.push_back({"", none_vi, none_en});
    return out;
}

/// Where the codes of a row or column stand.
std::map<std::string, std::size_t> places_of(std::vector<Heading> const& headings) {
    std::map<std::string, std::size_t> out;
    for (std::size_t i = 0; i < headings.size(); ++i) out[headings[i].code] = i;
    return out;
}

std::string dimension_text(std::optional<Dimension> dimension) { return dimension ? std::string{to_text(*dimension)} : std::string{}; }

Parameters parameters_of(CrossQuery const& query, FrameDay const& frame, std::optional<std::vector<long long>> const& lineages) {
    Parameters out;
    out.text(frame.level).text(frame.day.iso()).text(dimension_text(query.rows));
    if (query.columns) out.text(dimension_text(query.columns));
    else out.null();
    auto const put_lineages = [&] {
        if (!lineages) out.null();
        else if (lineages->empty()) out.text("{}");
        else out.numbers(*lineages);
    };
    if (query.figure == Figure::revenue_vnd) {
        out.number(static_cast<long long>(query.year));
        put_lineages();
        return out;
    }
    for (auto const* wanted : {&query.stars, &query.classes, &query.states, &query.levels, &query.years}) out.texts(*wanted);
    put_lineages();
    if (query.figure == Figure::sales_vnd) out.number(static_cast<long long>(query.year));
    else out.truth(query.figure == Figure::producers);
    return out;
}

/// Adds up row by row: each row counts in its cell, in the totals of its row and column, and in the total of all.
void fill(CrossTable& table, Reading const& from, CrossQuery const& query, Parameters const& parameters) {
    auto const& statement = query.figure == Figure::sales_vnd ? sql::report_sales : query.figure == Figure::revenue_vnd ? sql::report_revenue : sql::report_counts;
    auto const found = from(statement, parameters);
    std::set<std::string> met_rows, met_columns;
    for (auto const& row : found) {
        met_rows.insert(text_or_empty(row, "r"));
        if (query.columns) met_columns.insert(text_or_empty(row, "c"));
    }
    table.rows = headings(from, query.rows, table.frame, met_rows);
    if (query.columns) table.columns = headings(from, *query.columns, table.frame, met_columns);
    auto const rows = places_of(table.rows), columns = places_of(table.columns);
    auto const all_rows = table.rows.size(), all_columns = table.columns.size();
    std::vector<std::vector<Money>> sums(all_rows + 1, std::vector<Money>(all_columns + 1));
    for (auto const& row : found) {
        auto const i = rows.at(text_or_empty(row, "r"));
        auto const j = query.columns ? columns.at(text_or_empty(row, "c")) : all_columns;
        std::set<std::pair<std::size_t, std::size_t>> const counted_in{{i, j}, {i, all_columns}, {all_rows, j}, {all_rows, all_columns}};
        for (auto const& [at_row, at_column] : counted_in) {
            auto& entry = sums[at_row][at_column];
            entry.value += row["value"].as<long long>();
            if (!row["producer_key"].is_null()) entry.producers.push_back(row["producer_key"].as<long long>());
        }
    }
    for (auto& line : sums) {
        for (auto& entry : line) {
            std::sort(entry.producers.begin(), entry.producers.end());
            entry.producers.erase(std::unique(entry.producers.begin(), entry.producers.end()), entry.producers.end());
            if (query.figure == Figure::producers) entry.value = static_cast<long long>(entry.producers.size());
        }
    }
    auto const hidden = is_money(query.figure) ? hidden_entries(sums) : std::vector<std::vector<bool>>(all_rows + 1, std::vector<bool>(all_columns + 1));
    for (std::size_t i = 0; i <= all_rows; ++i) {
        auto& line = table.cells.emplace_back();
        for (std::size_t j = 0; j <= all_columns; ++j) {
            table.hidden += hidden[i][j] ? 1U : 0U;
            if (hidden[i][j]) line.emplace_back();
            else line.emplace_back(sums[i][j].value);
        }
    }
}

}  // namespace

Figure parse_figure(std::string_view text) {
    for (auto const& [figure, name] : kFigures) {
        if (text == name) return figure;
    }
    throw gis_core::invalid_field("measure", text, "products, producers, sales_vnd or revenue_vnd");
}

std::string_view to_text(Figure figure) {
    return std::find_if(kFigures.begin(), kFigures.end(), [&](auto const& named) { return named.first == figure; })->second;
}

std::string_view to_text(Dimension dimension) {
    return std::find_if(kDimensions.begin(), kDimensions.end(), [&](auto const& named) { return named.first == dimension; })->second;
}

bool is_money(Figure figure) { return figure == Figure::sales_vnd || figure == Figure::revenue_vnd; }

std::string_view entity_of(Figure figure) {
    switch (figure) {
    case Figure::sales_vnd: return "sales";
    case Figure::revenue_vnd: return "business-years";
    case Figure::products:
    case Figure::producers: break;
    }
    return "certificates";
}

std::vector<Dimension> dimensions_of(Figure figure) {
    if (figure == Figure::revenue_vnd) return {Dimension::unit, Dimension::kind};
    return {Dimension::unit, Dimension::star, Dimension::class_code, Dimension::year, Dimension::level, Dimension::state};
}

Dimension parse_dimension(std::string_view field, std::string_view text, Figure figure) {
    std::vector<std::string_view> allowed;
    for (auto const dimension : dimensions_of(figure)) {
        if (text == to_text(dimension)) return dimension;
        allowed.push_back(to_text(dimension));
    }
    throw gis_core::invalid_field(field, text, fmt::format("{} for {}", fmt::join(allowed, ", "), to_text(figure)));
}

CrossTable cross_table(pqxx::transaction_base& tx, gis_core::db::Session& session, dictionary::Dictionary const& dictionary, CrossQuery const& query) {
    Reading const from{tx, session, dictionary};
    CrossTable table;
    if (!query.classes.empty()) {
        std::set<std::string> known{"none"};
        for (auto const& row : from(programme::sql::product_classes)) known.insert(row["class_code"].as<std::string>());
        for (auto const& code : query.classes) {
            if (!known.contains(code)) throw gis_core::invalid_field("class", code, fmt::format("{}", fmt::join(known, ", ")));
        }
    }
    table.frame = resolve_frame(list_frames(tx, session), query.frame, query.at);
    std::optional<std::vector<long long>> lineages;
    if (!query.unit.empty()) lineages = find_unit(tx, session, query.unit, query.at).lineages;
    auto const parameters = parameters_of(query, table.frame, lineages);
    fill(table, from, query, parameters);
    return table;
}

ExpiringList expiring(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::Date at, int months, int limit) {
    ExpiringList out;
    Parameters parameters;
    parameters.text(at.iso()).number(static_cast<long long>(months));
    if (limit > 0) parameters.number(static_cast<long long>(limit));
    else parameters.null();
    for (auto const& row : execute(tx, session, sql::report_expiring, parameters)) {
        out.total = row["total"].as<long long>();
        out.items.push_back({row["certificate_key"].as<long long>(), row["product_key"].as<long long>(), text_or_empty(row, "certificate_serial"),
                             row["product"].as<std::string>(), row["producer"].as<std::string>(), text_or_empty(row, "code"), text_or_empty(row, "commune"),
                             text_or_empty(row, "decision_no"), row["issued_on"].as<std::string>(), row["valid_to"].as<std::string>(), row["star"].as<int>(),
                             row["days"].as<int>()});
    }
    return out;
}

}  // namespace programme::reports
