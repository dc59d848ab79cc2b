#pragma once

#include "gis_core/date.hpp"
#include "programme/dictionary/dictionary.hpp"
#include "programme/frames.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Reports on the record, of the rows that the transaction's role reaches.
namespace programme::reports {

/// What is counted or summed. products adds up in every dimension; producers are counted once in each total; the other two are money.
enum class Figure { products, producers, sales_vnd, revenue_vnd };
/// By what. kind, the form of a producer, belongs to revenue_vnd; the others but unit to products.
enum class Dimension { unit, star, class_code, year, level, state, kind };

/// \throws gis_core::Error(invalid_argument) naming what is allowed.
Figure parse_figure(std::string_view text);
std::string_view to_text(Figure figure);
std::string_view to_text(Dimension dimension);
bool is_money(Figure figure);
/// The entity of the record whose readers may see the figure.
std::string_view entity_of(Figure figure);
/// Those by which a figure can be divided.
std::vector<Dimension> dimensions_of(Figure figure);
/// \throws gis_core::Error(invalid_argument) for a dimension by which this figure cannot be divided.
Dimension parse_dimension(std::string_view field, std::string_view text, Figure figure);

struct CrossQuery {
    Figure figure = Figure::products;
    Dimension rows = Dimension::unit;
    std::optional<Dimension> columns;
    std::string frame = "commune-new";  // of the units, as in statistics
    gis_core::Date at;                  // of certificates and frame
    int year = 0;                       // of money
    std::vector<std::string> stars, classes, states, levels, years;  // filters; "none": without; empty: all. Not of revenue.
    std::string unit;                                                // CODE or CODE@DATE; empty: all
};

/// One value of a dimension. Code empty: what has none.
struct Heading {
    std::string code, vi, en;
};

/// The last row and the last column of `cells` are the totals. An empty cell is hidden.
struct CrossTable {
    FrameDay frame;
    std::vector<Heading> rows, columns;
    std::vector<std::vector<std::optional<long long>>> cells;
    std::size_t hidden = 0;
};

/// \throws gis_core::Error(invalid_argument) for a class that does not exist, and what resolve_frame and find_unit throw.
CrossTable cross_table(pqxx::transaction_base& tx, gis_core::db::Session& session, dictionary::Dictionary const& dictionary, CrossQuery const& query);

/// A certificate that ends soon and is followed by none.
struct Expiring {
    long long certificate = 0, product_id = 0;
    std::string serial, product, producer, commune_code, commune, decision_no, issued_on, valid_to;
    int star = 0, days = 0;
};
struct ExpiringList {
    std::vector<Expiring> items;
    long long total = 0;
};
/// The first to end first. limit 0: all.
ExpiringList expiring(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::Date at, int months, int limit);

}  // namespace programme::reports
