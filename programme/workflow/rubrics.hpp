#pragma once

#include "programme/grading/check.hpp"
#include "programme/grading/rubric.hpp"

#include <pqxx/transaction_base>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

/// Rubrics in the database: brought as a draft, proposed by one person, published by another, and the same ever after.
namespace programme::workflow {

/// Brings a rubric as a draft edition. `classes` are the codes a set may apply to. Returns its key; the key of the edition that is there
/// already when nothing differs. \throws Error(precondition_failed) naming what is wrong, set and criterion.
long long bring_rubric(pqxx::transaction_base& tx, grading::Rubric const& rubric, std::vector<std::string> const& classes);
/// \throws Error(not_found), (conflict) for one that is not a draft, (precondition_failed) for a version without criteria
void propose_rubric(pqxx::transaction_base& tx, long long version_key, long long account);
/// \throws Error(not_found), (conflict) for one that is not proposed, (forbidden) for who proposed it
void publish_rubric(pqxx::transaction_base& tx, long long version_key, long long account);
/// Both for two officers of the province named by login, as the operator's command does it; nothing to do for one that is published.
/// \throws Error(invalid_argument) for a login without the role R08, and what the two above throw
void publish_for(pqxx::transaction_base& tx, long long version_key, std::string const& proposer, std::string const& publisher);
/// A JSON array of the editions the transaction's role sees, without their content.
std::string list_rubrics(pqxx::transaction_base& tx);
/// The whole of one as JSON. \throws Error(not_found)
std::string content_of(pqxx::transaction_base& tx, long long version_key);

/// Published rubrics as the grading function takes them; each is read once, for it never changes. Thread-safe.
class Rubrics {
public:
    /// \throws Error(not_found)
    std::shared_ptr<grading::Rubric const> find(pqxx::transaction_base& tx, long long version_key);

private:
    std::mutex mutex_;
    std::map<long long, std::shared_ptr<grading::Rubric const>> read_;
};

}  // namespace programme::workflow
