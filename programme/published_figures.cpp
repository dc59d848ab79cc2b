#include "programme/published_figures.hpp"

#include "gis_core/db/pool.hpp"
#include "programme/parameters.hpp"
#include "programme/sql/statements.hpp"

namespace programme {

std::vector<PublishedFigure> list_published_figures(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view subject,
                                                    std::optional<UnitRef> const& unit) {
    Parameters parameters;
    if (subject.empty()) parameters.null();
    else parameters.text(std::string{subject});
    parameters.number(unit ? std::optional{unit->unit_key} : std::nullopt);
    std::vector<PublishedFigure> figures;
    for (auto const& row : execute(tx, session, sql::published_figures, parameters)) {
        auto const text = [&](char const* column) { return text_or_empty(row, column); };
        figures.push_back({text("subject"), text("item"), text("crop"), text("level"), text("code"), text("name"), text("valid_from"), text("valid_to"),
                           text("period"), row["value"].as<double>(), text("measure"), text("source_url"), text("note"), row["is_demo"].as<bool>()});
    }
    return figures;
}

}  // namespace programme
