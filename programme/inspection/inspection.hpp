#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gis_core::db {
class Session;
}
namespace pqxx {
class transaction_base;
}

/// Inspection of products that carry the mark: whom to visit and why, and what is still to be remedied. Plans, visits, findings and remedies
/// themselves are entities of the record.
namespace programme::inspection {

struct Plan {
    long long id = 0;
    std::string number, kind, from, to, unit_code, unit_name;
    int chosen = 0, visited = 0;
};
/// The latest first; of one key with id.
std::vector<Plan> plans(pqxx::transaction_base& tx, gis_core::db::Session& session, std::optional<long long> id = {});

/// A product chosen for a plan. visit 0: still to be made.
struct Target {
    long long id = 0, product_id = 0, visit = 0;
    std::string plan, product, producer, commune, reason, note, visited_on;
};
std::vector<Target> targets(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string const& plan);
std::optional<Target> find_target(pqxx::transaction_base& tx, gis_core::db::Session& session, long long id);

/// A product that something speaks for visiting: reasons as in the list inspection_reason, the weightiest first.
struct Candidate {
    long long product_id = 0;
    std::string product, producer, commune, valid_to, last_on, first_due;
    std::vector<std::string> reasons;
    int open_findings = 0, complaints = 0;
};
struct Candidates {
    std::vector<Candidate> items;
    long long total = 0;
};
/// The most pressing first. reason empty: any.
Candidates candidates(pqxx::transaction_base& tx, gis_core::db::Session& session, Plan const& plan, std::string const& reason, int limit);

struct OpenFinding {
    long long id = 0, product_id = 0;
    std::string product, producer, severity, text, due;
    bool is_late = false, is_answered = false;
};
/// Of one product.
std::vector<OpenFinding> open_findings(pqxx::transaction_base& tx, gis_core::db::Session& session, long long product);
/// All that fall due within days, or are late.
std::vector<OpenFinding> due_findings(pqxx::transaction_base& tx, gis_core::db::Session& session, int days);
/// By finding: the ground for withdrawal it would be. For roles that see the field.
std::map<long long, std::string> grounds(pqxx::transaction_base& tx, gis_core::db::Session& session, long long product);

}  // namespace programme::inspection
