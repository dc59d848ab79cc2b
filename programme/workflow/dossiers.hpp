#pragma once

#include "gis_core/json.hpp"
#include "programme/workflow/rubrics.hpp"

#include <pqxx/transaction_base>

#include <optional>
#include <string>
#include <vector>

/// A dossier as whoever acts may see and move it. Functions over a transaction of that role; who may do what when is decided by schema
/// workflow (data/migrations/0089_workflow.sql), what it refuses comes as an Error in its words.
namespace programme::workflow {

struct DossierQuery {
    std::string state;        // one of dossier_state; empty: all
    bool is_waiting = false;  // only those in which the acting role has something to do
    std::string q;            // in the product's or producer's name, or the number
    std::optional<long long> product;
    long long after = 0;
    int limit = 50;
};

/// {"items": [...], "next": key or null}
std::string list_dossiers(pqxx::transaction_base& tx, DossierQuery const& query, std::string const& role);
/// The whole of it, with what the acting role could do now and what stands against that; own scores graded where there are any.
/// \throws Error(not_found)
gis_core::Json view_dossier(pqxx::transaction_base& tx, Rubrics& rubrics, long long dossier);

/// A draft under the regime of today; `carry_over`: with everything of the product's last dossier (renewal). Its key.
/// \throws Error(not_found) for a product that is not one's own, (conflict) when the product has a dossier under way.
long long begin_dossier(pqxx::transaction_base& tx, long long product, std::string const& registration_kind, bool carry_over);

/// What a draft's form holds; what is absent stays. {"sample_quantity", "previous_certificate_no", "business_result_note", "business_plan_note",
/// "registration_kind", "answers": {criterion: option or null}, "notes": {criterion: text}}
void fill_draft(pqxx::transaction_base& tx, long long dossier, gis_core::Json const& filled);
/// Takes a step; `given` holds what it needs. \throws Error with everything that stands against it
void take_step(pqxx::transaction_base& tx, long long dossier, std::string const& action, gis_core::Json const& given);
void answer_item(pqxx::transaction_base& tx, long long item, std::string const& answer);
/// {"opinion", "visited_on", "lon", "lat", "accuracy_m", "photos"}
void write_appraisal(pqxx::transaction_base& tx, long long dossier, gis_core::Json const& appraisal);
/// The commune's four opinions of Mẫu 03, while it is reviewing.
void write_review(pqxx::transaction_base& tx, long long dossier, gis_core::Json const& opinions);
/// The commune's meeting, while it is reviewing: {"held_on", "place", "chair", "present": [names], "notes", "file"}; all of it but the file.
void write_meeting(pqxx::transaction_base& tx, long long dossier, gis_core::Json const& meeting);
/// {"about": score_sheet, minutes or decision; "sheet": of a score_sheet; "file": SHA-256 of a stored PDF}
void attach_signed(pqxx::transaction_base& tx, long long dossier, gis_core::Json const& given);

/// What programme/grading says to answers of one dossier, or why it cannot yet.
gis_core::Json preview(grading::Rubric const& rubric, int set, gis_core::Json const& answers);

}  // namespace programme::workflow
