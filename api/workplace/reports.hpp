#pragma once

#include "api/pages/form.hpp"
#include "api/workplace/desk.hpp"

namespace api::workplace {

inline constexpr pages::Address kReports{"/quan-ly/bao-cao", "/en/manage/reports"};

/// Whether there is a report for whoever acts.
bool has_reports(Desk const& desk);
http::Response get_reports(Desk const& desk);

}  // namespace api::workplace
