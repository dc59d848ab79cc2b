#include "programme/workflow/rubrics.hpp"

#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "programme/workflow/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

namespace programme::workflow {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using Tx = pqxx::transaction_base;

/// State and proposer of an edition, held until the transaction ends.
std::pair<std::string, long long> hold(Tx& tx, long long version_key) {
    auto const rows = tx.exec_params(sql::rubric_hold.text, version_key);
    if (rows.empty()) throw Error{ErrorKind::not_found, fmt::format("there is no rubric {}", version_key)};
    return {rows[0]["state"].as<std::string>(), rows[0]["proposed_by"].as<long long>(0)};
}

pqxx::result content(Tx& tx, long long version_key) {
    auto rows = tx.exec_params(sql::rubric_content.text, version_key);
    if (rows.empty()) throw Error{ErrorKind::not_found, fmt::format("there is no rubric {}", version_key)};
    return rows;
}

}  // namespace

long long bring_rubric(Tx& tx, grading::Rubric const& rubric, std::vector<std::string> const& classes) {
    auto findings = gis_core::Json::array();
    for (auto const& finding : grading::check(rubric, classes)) {
        // A draft without sets keeps a place for what the law says and nobody has at hand.
        if (finding.kind == grading::Finding::Kind::wrong && !rubric.is_draft) throw Error{ErrorKind::precondition_failed, grading::to_text(finding)};
        findings.push_back(grading::to_text(finding));
    }
    auto const content = gis_core::to_text(grading::to_json(rubric));
    return tx.exec_params(sql::rubric_bring.text, rubric.version, rubric.is_official, content, gis_core::to_text(findings))[0][0].as<long long>();
}

void propose_rubric(Tx& tx, long long version_key, long long account) {
    auto const [state, proposer] = hold(tx, version_key);
    if (state != "draft") throw Error{ErrorKind::conflict, fmt::format("rubric {} is {}, only a draft is proposed", version_key, state)};
    auto const why_not = tx.exec_params(sql::rubric_propose.text, version_key, account);
    if (why_not.affected_rows() == 0)
        throw Error{ErrorKind::precondition_failed,
                    fmt::format("rubric {} is a draft by its own words, or has no criteria: nothing can be graded by it", version_key)};
}

void publish_rubric(Tx& tx, long long version_key, long long account) {
    auto const [state, proposer] = hold(tx, version_key);
    if (state != "proposed") throw Error{ErrorKind::conflict, fmt::format("rubric {} is {}, only a proposed one is published", version_key, state)};
    if (proposer == account) throw Error{ErrorKind::forbidden, "publishing takes two people: somebody else than who proposed it"};
    tx.exec_params(sql::rubric_publish.text, version_key, account);
}

void publish_for(Tx& tx, long long version_key, std::string const& proposer, std::string const& publisher) {
    auto const officer = [&](char const* field, std::string const& login) {
        auto const rows = tx.exec_params(sql::rubric_officer.text, login);
        if (rows.empty()) throw gis_core::invalid_field(field, login, "login of an account that holds the role R08 today");
        return rows[0][0].as<long long>();
    };
    auto const first = officer("--proposed-by", proposer), second = officer("--published-by", publisher);
    auto const state = hold(tx, version_key).first;
    if (state == "published") return;
    if (state == "draft") propose_rubric(tx, version_key, first);
    publish_rubric(tx, version_key, second);
}

std::string list_rubrics(Tx& tx) { return tx.exec(sql::rubric_list.text)[0][0].as<std::string>(); }

std::string content_of(Tx& tx, long long version_key) { return content(tx, version_key)[0][0].as<std::string>(); }

std::shared_ptr<grading::Rubric const> Rubrics::find(Tx& tx, long long version_key) {
    {
        std::lock_guard const lock{mutex_};
        if (auto const known = read_.find(version_key); known != read_.end()) return known->second;
    }
    auto const rows = content(tx, version_key);
    auto rubric = std::make_shared<grading::Rubric const>(grading::rubric_of(gis_core::parse_json(rows[0][0].as<std::string>(), "rubric")));
    if (!rows[0][1].as<bool>()) return rubric;  // a draft may be brought anew
    std::lock_guard const lock{mutex_};
    return read_.emplace(version_key, std::move(rubric)).first->second;
}

}  // namespace programme::workflow
