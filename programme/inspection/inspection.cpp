#include "programme/inspection/inspection.hpp"

#include "gis_core/date.hpp"
#include "gis_core/db/pool.hpp"
#include "programme/frames.hpp"
#include "programme/inspection/sql/statements.hpp"
#include "programme/parameters.hpp"

#include <algorithm>
#include <chrono>

namespace programme::inspection {
namespace {

using Tx = pqxx::transaction_base;
using gis_core::db::Session;

std::vector<Target> read_targets(Tx& tx, Session& session, Parameters const& parameters) {
    std::vector<Target> out;
    for (auto const& row : execute(tx, session, sql::targets, parameters)) {
        out.push_back({row["inspection_target_key"].as<long long>(), row["product_key"].as<long long>(), row["post_inspection_key"].as<long long>(0), row["inspection_plan_no"].as<std::string>(),
                       row["product"].as<std::string>(), row["producer"].as<std::string>(), text_or_empty(row, "commune"), row["target_reason"].as<std::string>(),
                       text_or_empty(row, "target_note"), text_or_empty(row, "inspection_date")});
    }
    return out;
}

std::vector<OpenFinding> read_findings(Tx& tx, Session& session, Parameters const& parameters) {
    std::vector<OpenFinding> out;
    for (auto const& row : execute(tx, session, sql::open_findings, parameters)) {
        out.push_back({row["inspection_finding_key"].as<long long>(), row["product_key"].as<long long>(), row["product"].as<std::string>(), row["producer"].as<std::string>(),
                       row["finding_severity"].as<std::string>(), row["finding_text"].as<std::string>(), text_or_empty(row, "finding_remedy_due"), row["is_late"].as<bool>(false),
                       row["answered"].as<bool>()});
    }
    return out;
}

}  // namespace

std::vector<Plan> plans(Tx& tx, Session& session, std::optional<long long> id) {
    std::vector<Plan> out;
    for (auto const& row : execute(tx, session, sql::plans, Parameters{}.number(id))) {
        out.push_back({row["inspection_plan_key"].as<long long>(), row["inspection_plan_no"].as<std::string>(), row["inspection_plan_kind"].as<std::string>(),
                       row["inspection_plan_from"].as<std::string>(), row["inspection_plan_to"].as<std::string>(), text_or_empty(row, "inspection_plan_unit_code"),
                       text_or_empty(row, "unit_name"), row["chosen"].as<int>(), row["visited"].as<int>()});
    }
    return out;
}

std::vector<Target> targets(Tx& tx, Session& session, std::string const& plan) { return read_targets(tx, session, Parameters{}.text(plan).null()); }

std::optional<Target> find_target(Tx& tx, Session& session, long long id) {
    auto const found = read_targets(tx, session, Parameters{}.null().number(id));
    return found.empty() ? std::nullopt : std::optional{found.front()};
}

Candidates candidates(Tx& tx, Session& session, Plan const& plan, std::string const& reason, int limit) {
    Parameters parameters;
    parameters.text(plan.number);
    if (plan.unit_code.empty()) {
        parameters.null();
    } else {
        auto const unit = find_unit(tx, session, plan.unit_code + "@" + plan.from, gis_core::business_date());
        if (unit.lineages.empty()) parameters.text("{}");
        else parameters.numbers(unit.lineages);
    }
    if (reason.empty()) parameters.null();
    else parameters.text(reason);
    parameters.number(static_cast<long long>(limit));
    Candidates out;
    for (auto const& row : execute(tx, session, sql::candidates, parameters)) {
        out.total = row["total"].as<long long>();
        Candidate candidate{row["product_key"].as<long long>(), row["product"].as<std::string>(), row["producer"].as<std::string>(), text_or_empty(row, "commune"),
                            row["valid_to"].as<std::string>(), text_or_empty(row, "last_on"), text_or_empty(row, "first_due"), {}, row["open_findings"].as<int>(), row["complaints"].as<int>()};
        auto const reasons = row["reasons"].as<std::string>();
        for (std::size_t from = 0; from < reasons.size();) {
            auto const end = std::min(reasons.find(',', from), reasons.size());
            candidate.reasons.push_back(reasons.substr(from, end - from));
            from = end + 1;
        }
        out.items.push_back(std::move(candidate));
    }
    return out;
}

std::vector<OpenFinding> open_findings(Tx& tx, Session& session, long long product) { return read_findings(tx, session, Parameters{}.number(product).null()); }

std::vector<OpenFinding> due_findings(Tx& tx, Session& session, int days) {
    auto const until = gis_core::Date{gis_core::business_date().days + std::chrono::days{days}};
    return read_findings(tx, session, Parameters{}.null().text(until.iso()));
}

std::map<long long, std::string> grounds(Tx& tx, Session& session, long long product) {
    std::map<long long, std::string> out;
    for (auto const& row : execute(tx, session, sql::finding_grounds, Parameters{}.number(product))) out[row["inspection_finding_key"].as<long long>()] = row["finding_ground"].as<std::string>();
    return out;
}

}  // namespace programme::inspection
