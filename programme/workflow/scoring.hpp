#pragma once

#include "gis_core/json.hpp"
#include "programme/workflow/rubrics.hpp"

#include <pqxx/transaction_base>

#include <string>
#include <vector>

/// Score sheets of a council: filled in by their owner, signed, and graded by the one grading function as soon as a round is signed.
namespace programme::workflow {

/// The acting member's sheets, those to be filled in first: a JSON array.
std::string my_sheets(pqxx::transaction_base& tx);
/// The sheets of a dossier as far as the acting person may see them: a JSON array. \throws Error(not_found)
std::string sheets_of(pqxx::transaction_base& tx, long long dossier);
/// One's own sheet with its card, so that it can be filled in without a network: {"sheet", "dossier", "card", "evidence", …}. \throws Error(not_found)
gis_core::Json own_sheet(pqxx::transaction_base& tx, Rubrics& rubrics, long long sheet);

/// {"answers": {criterion: option or null}, "comments": {criterion: text}, "conditions": {id: reason or null}}: only what changed. How many criteria have an
/// answer.
int answer_sheet(pqxx::transaction_base& tx, long long sheet, gis_core::Json const& changed);
void declare_conflict(pqxx::transaction_base& tx, Rubrics& rubrics, long long sheet, std::string const& reason);
/// Signs the sheet and, when it was the round's last, grades the round. The hash of what was signed.
std::string sign_sheet(pqxx::transaction_base& tx, Rubrics& rubrics, long long sheet);
/// Grades a dossier's round from its signed sheets and keeps the result; without_absent: the secretary closes it without those who
/// stayed away. The result, null while sheets are open.
gis_core::Json grade_round(pqxx::transaction_base& tx, Rubrics& rubrics, long long dossier, bool without_absent);

/// Sheets for what the demo's council is scoring; how many dossiers.
long long begin_demo_scoring(pqxx::transaction_base& tx);

struct Difference {
    long long dossier = 0;
    int round = 0;
    std::string what;
};
/// Computes every result ever kept again, from its signatures and its rubric.
struct Verified {
    long long results = 0, signatures = 0;
    std::vector<Difference> differences;
};
Verified verify_grading(pqxx::transaction_base& tx, Rubrics& rubrics);

}  // namespace programme::workflow
