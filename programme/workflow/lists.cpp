#include "programme/workflow/lists.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "programme/parameters.hpp"
#include "programme/workflow/sql/statements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <sstream>

namespace programme::workflow {
namespace {

using gis_core::io::CsvRow;
using gis_core::io::CsvTable;

std::vector<std::string> words_of(std::string const& text) {
    std::istringstream in{text};
    return {std::istream_iterator<std::string>{in}, {}};
}

/// Every word of a column must be one of those that are known.
std::vector<std::string> words_among(CsvTable const& table, CsvRow const& row, char const* file, char const* column, std::set<std::string> const& known) {
    auto out = words_of(table.at(row, column));
    for (auto const& word : out) {
        if (!known.contains(word))
            throw gis_core::invalid_field(fmt::format("{}:{}: {}", file, row.line, column), word, fmt::format("one of {}", fmt::join(known, ", ")));
    }
    return out;
}

Parameters& or_null(Parameters& values, std::string const& text) { return text.empty() ? values.null() : values.text(text); }

void run(pqxx::transaction_base& tx, gis_core::db::Statement const& statement, Parameters const& values) {
    tx.exec_params(statement.text, pqxx::prepare::make_dynamic_params(values.values()));
}

}  // namespace

Applied apply(pqxx::transaction_base& tx, std::filesystem::path const& data) {
    Applied out;
    std::set<std::string> regimes, states, roles{"system"};
    for (auto const& row : tx.exec(sql::workflow_states.text)) states.insert(row[0].as<std::string>());
    for (int role = 2; role <= 18; ++role) roles.insert(fmt::format("R{:02}", role));
    tx.exec("SELECT pg_advisory_xact_lock(hashtext('ocopmap workflow')); DELETE FROM workflow.transition");

    auto const code_lists = gis_core::io::read_csv(data / "code_lists.csv");
    for (auto const& row : code_lists.rows) {
        if (code_lists.at(row, "list") == "dossier_state")
            tx.exec_params(sql::workflow_state_word.text, code_lists.at(row, "code"), code_lists.at(row, "label_vi"), code_lists.at(row, "label_en"));
    }
    auto const regime_list = gis_core::io::read_csv(data / "regimes.csv");
    for (auto const& row : regime_list.rows) {
        Parameters values;
        for (auto const* column : {"regime", "rubric", "valid_from", "valid_to", "commune_working_days", "certificate_months", "renewal_earliest_days",
                                   "renewal_latest_days", "extension_days", "renewal_processing_days", "withdrawal_days", "first_until", "again_until",
                                   "district_certifies", "district_sends_up_from", "source"})
            or_null(values, regime_list.at(row, column));
        run(tx, sql::workflow_regime, values);
        regimes.insert(regime_list.at(row, "regime"));
        ++out.regimes;
    }

    std::set<std::string> const needs{"reason", "document", "due", "items", "mean", "star", "round", "session", "reason_code"};
    auto const list = gis_core::io::read_csv(data / "workflow.csv");
    int place = 0;
    for (auto const& row : list.rows) {
        ++place;
        auto const for_all = list.at(row, "regimes") == "*";
        auto const of = for_all ? std::vector<std::string>{regimes.begin(), regimes.end()} : words_among(list, row, "workflow.csv", "regimes", regimes);
        auto const from = words_among(list, row, "workflow.csv", "from", states);
        auto const to = words_among(list, row, "workflow.csv", "to", states);
        auto const by = words_among(list, row, "workflow.csv", "by", roles);
        if (to.size() != 1 || by.empty())
            throw gis_core::invalid_field(fmt::format("workflow.csv:{}", row.line), list.at(row, "action"),
                                          "one state to go to, and somebody who takes it there");
        auto const array = [](std::vector<std::string> const& words) { return fmt::format("{{{}}}", fmt::join(words, ",")); };
        for (auto const& regime : of) {
            for (auto const& state : from) {
                Parameters values;
                values.text(regime).text(list.at(row, "action")).text(state).text(to.front()).text(array(by));
                values.text(array(words_among(list, row, "workflow.csv", "needs", needs))).text(array(words_of(list.at(row, "guards"))));
                values.text(list.at(row, "vi")).text(list.at(row, "en")).number(place);
                run(tx, sql::workflow_transition, values);
                ++out.transitions;
            }
        }
    }
    tx.exec(sql::workflow_check_guards.text);

    auto const holidays = gis_core::io::read_csv(data / "holidays.csv");
    for (auto const& row : holidays.rows) {
        Parameters values;
        for (auto const* column : {"day", "kind", "name_vi", "name_en", "source"}) or_null(values, holidays.at(row, column));
        auto const added = tx.exec_params(sql::workflow_holiday.text, pqxx::prepare::make_dynamic_params(values.values()));
        out.holidays += static_cast<std::size_t>(added.affected_rows());
    }
    return out;
}

}  // namespace programme::workflow
