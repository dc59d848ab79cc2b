#include "programme/workflow/impact.hpp"

#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "programme/grading/grade.hpp"
#include "programme/workflow/rubrics.hpp"
#include "programme/workflow/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>

namespace programme::workflow {
namespace {

using gis_core::Json;
using grading::Criterion;
using grading::Exact;
using grading::Option;

/// The new card's option for points that were given: as many, else the nearest below, else the lowest.
Option const& option_for(Criterion const& criterion, int case_number, Exact const& points) {
    auto const options = grading::options_of(criterion, case_number);
    auto const* best = *std::min_element(options.begin(), options.end(), [](auto const* a, auto const* b) { return a->points < b->points; });
    for (auto const* option : options) {
        if (option->points <= points && option->points > best->points) best = option;
    }
    return *best;
}

class Converter {
public:
    Converter(grading::Set const& before, grading::Set const& after, Fared& out) : before_{before}, after_{after}, out_{out} {}

    grading::Sheet sheet(std::string const& member, Json const& options) {
        grading::Sheet sheet{member, {}};
        for (auto const& criterion : after_.criteria) {
            if (criterion.is_heading()) continue;
            auto const* old = before_.find(criterion.code);
            auto const found = options.find(criterion.code);
            int case_number = criterion.has_cases() ? 1 : 0;
            Exact points{0};
            if (old == nullptr || found == options.end()) {
                note(criterion.code, "new");
            } else {
                auto const* chosen = old->find(found->get<int>());
                if (chosen != nullptr) points = chosen->points;
                if (chosen != nullptr && criterion.has_cases() && criterion.cases.contains(chosen->case_number)) case_number = chosen->case_number;
            }
            auto const& option = option_for(criterion, case_number, points);
            if (old != nullptr && found != options.end() && option.points != points) note(criterion.code, "points");
            grading::Answer answer{option.number, {}};
            if (criterion.has_cases()) answer.case_number = case_number;
            sheet.answers.emplace(criterion.code, answer);
        }
        return sheet;
    }

private:
    void note(std::string const& code, char const* why) {
        auto said = fmt::format("{} ({})", code, why);
        if (std::find(out_.changed.begin(), out_.changed.end(), said) == out_.changed.end()) out_.changed.push_back(std::move(said));
    }
    grading::Set const& before_;
    grading::Set const& after_;
    Fared& out_;
};

}  // namespace

Impact impact_of(pqxx::transaction_base& tx, grading::Rubric const& rubric, std::string const& since) {
    Impact out;
    Rubrics rubrics;
    for (auto const& row : tx.exec_params(sql::impact_results.text, since)) {
        Fared fared{
            row["dossier_key"].as<long long>(), row["product"].as<std::string>(), row["star"].as<int>(), 0, row["mean_total"].as<std::string>(), {}, {}, {}};
        try {
            auto const old = rubrics.find(tx, row["version_key"].as<long long>());
            auto const& before = old->set(row["set_no"].as<int>());
            auto const after = std::find_if(rubric.sets.begin(), rubric.sets.end(), [&](auto const& set) { return set.class_code == before.class_code; });
            if (after == rubric.sets.end()) throw gis_core::Error{gis_core::ErrorKind::not_found, fmt::format("no set is for class {}", before.class_code)};
            Converter converter{before, *after, fared};
            grading::Evaluation evaluation;
            for (auto const& member : gis_core::parse_json(row["members"].as<std::string>(), "members"))
                evaluation.sheets.push_back(converter.sheet(member.at("name").get<std::string>(), member.at("options")));
            auto const grade = grading::grade(rubric, after->number, evaluation);
            fared.star_after = grade.star;
            fared.mean_after = grading::to_decimal(grade.mean_total, 6);
            ++out.stars[{fared.star_before, fared.star_after}];
        } catch (gis_core::Error const& error) {
            fared.why_not = error.what();
        }
        out.dossiers.push_back(std::move(fared));
    }
    return out;
}

}  // namespace programme::workflow
