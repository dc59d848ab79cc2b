#pragma once

#include "api/pages/form.hpp"
#include "api/workplace/desk.hpp"

/// Inspection: plans with the products chosen for them, the visit on a phone, what is still to be remedied.
namespace api::workplace {

inline constexpr pages::Address kInspection{"/quan-ly/kiem-tra", "/en/manage/inspection"}, kVisit{"/quan-ly/kiem-tra/tham", "/en/manage/inspection/visit"};

/// Whether whoever acts reads plans of inspection.
bool has_inspection(Desk const& desk);
http::Response get_inspection(Desk const& desk);
http::Response get_inspection_plan(Desk const& desk);   // /{id}
http::Response post_inspection_plan(Desk const& desk);  // products are chosen
http::Response get_visit(Desk const& desk);             // /{id}: of the chosen product
http::Response post_visit(Desk const& desk);

/// Of a product's or certificate's page: findings that are open, and which would be grounds for withdrawal.
void put_findings(Desk const& desk, Entity const& entity, gis_core::Json const& row, gis_core::Json& model);

}  // namespace api::workplace
