#pragma once

#include "gis_core/db/pool.hpp"
#include "programme/dictionary/dictionary.hpp"
#include "programme/imports/jobs.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace programme::imports {

struct ReportedIssue {
    std::int64_t line;  // of the file; 0: about the whole of it
    std::string field, value, allowed;
    std::string allowed_vi;
};
struct ReportedOverlap {
    std::int64_t row, other;
    std::string code, other_code, share, kind;  // share of the smaller one; same, dispute, sliver
};

/// The first ones by line, in a transaction of the job's owner. entity: the job's; nullptr when the list of entities has it no more.
std::vector<ReportedIssue> first_issues(pqxx::transaction_base& tx, dictionary::Entity const* entity, std::int64_t key, int limit);
/// Everything that was wrong, by line; reads a page at a time on behalf of the job's owner.
void each_issue(gis_core::db::Pool& pool, gis_core::db::Actor const& owner, dictionary::Entity const* entity, std::int64_t key,
                std::function<void(ReportedIssue const&)> const& found);
void each_overlap(gis_core::db::Pool& pool, gis_core::db::Actor const& owner, std::int64_t key, std::function<void(ReportedOverlap const&)> const& found);

/// A workbook with the rows of the file as they came, wrong cells coloured and the reason beside them, to be mended and sent again:
/// the refused ones where the others are in the record, else all; reasons in Vietnamese and English. Cells are texts: one that begins with "=" is no formula.
void write_workbook(gis_core::db::Pool& pool, gis_core::db::Actor const& owner, dictionary::Entity const* entity, Job const& job,
                    std::filesystem::path const& file);

}  // namespace programme::imports
