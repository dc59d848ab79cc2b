#pragma once

#include "gis_core/json.hpp"
#include "programme/grading/exact.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Score cards as data: a version, its 26 sets, their criteria and options (docs/reference/grading.md).
namespace programme::grading {

struct Text {
    std::string vi, en;
    bool operator==(Text const&) const = default;
};

struct Option {
    int number = 0;
    int case_number = 0;  // 0: of no case
    Exact points;
    int min_star = 0;  // the star that asks for at least these points; 0: none does
    Text label;
    bool operator==(Option const&) const = default;
};

/// One line of a score card: a criterion that is answered, or a heading over others ("1", "6.1"), which has no options.
struct Criterion {
    std::string code;
    std::string part;
    Exact max;
    Text label;
    std::map<int, Text> cases;  // a dossier is scored by one of them; empty: there is one list of options
    std::vector<Option> options;

    bool is_heading() const noexcept { return options.empty(); }
    bool has_cases() const noexcept { return !cases.empty(); }
    Option const* find(int number) const noexcept;
    bool operator==(Criterion const&) const = default;
};

struct Set {
    int number = 0;
    std::string class_code;  // "I.3.c"
    Text name;
    std::vector<Criterion> criteria;  // as on the card: a heading stands before its criteria
    Criterion const* find(std::string_view code) const noexcept;
    bool operator==(Set const&) const = default;
};

struct Part {
    std::string code;
    Exact max;
    Text name;
    bool operator==(Part const&) const = default;
};

struct Star {
    int star = 0;
    Exact from;                 // of the mean total; a lower bound belongs to the higher star
    bool is_certified = false;  // 1 and 2 stars get no decision and no certificate
    std::string decided_by;
    bool operator==(Star const&) const = default;
};

enum class MinimumRule { majority, every, mean };
char const* to_string(MinimumRule rule) noexcept;
std::optional<MinimumRule> parse_minimum_rule(std::string_view text) noexcept;

/// What a council works by where its own rules say nothing else.
struct CouncilDefaults {
    MinimumRule minimum_rule = MinimumRule::majority;
    std::optional<Exact> spread_limit, quorum;
    bool operator==(CouncilDefaults const&) const = default;
};

/// Days and months of the procedure; what a text does not state stays empty.
struct Periods {
    std::optional<int> certificate_months, renewal_earliest_days, renewal_latest_days, renewal_processing_days, extension_days, commune_working_days,
        withdrawal_days;
    bool operator==(Periods const&) const = default;
};

/// What ends or conditions an evaluation, in the words of the card.
struct Disqualifier {
    std::string id, kind;
    int set = 0;
    std::string criterion;  // empty: the whole dossier
    Text label;
    bool operator==(Disqualifier const&) const = default;
};

struct Rubric {
    std::string version;  // "QD26-2026"
    std::string document, dated;
    bool is_official = false;  // false: labels in our own words, for training
    bool is_draft = false;
    std::vector<Part> parts;
    std::vector<Star> stars;  // from the highest
    CouncilDefaults council;
    Periods periods;
    std::vector<Set> sets;
    std::vector<Disqualifier> disqualifiers;

    /// \throws Error(not_found) naming the sets there are.
    Set const& set(int number) const;
    Star const* find_star(int star) const noexcept;
    bool operator==(Rubric const&) const = default;
};

/// The options of one case, or all where there are no cases.
std::vector<Option const*> options_of(Criterion const& criterion, int case_number);
/// What the star asks for here: the option with the highest min_star that is not above it. nullptr: nothing.
Option const* minimum_for(Criterion const& criterion, int case_number, int star) noexcept;
/// Points fall from one option to the next although no case is marked: the source has two lists in one and does not say where.
bool has_unmarked_cases(Criterion const& criterion) noexcept;

/// Reads a folder such as data/rubrics/qd26-2026.
/// \throws Error(invalid_argument) naming file, line, column and what is allowed.
Rubric load(std::filesystem::path const& folder);
/// The folder of a version below `rubrics`, or `name` itself where it is a folder. \throws Error(not_found) naming what there is.
std::filesystem::path find_folder(std::filesystem::path const& rubrics, std::string const& name);
/// Writes what load reads, each text once. \throws Error(conflict) when the folder has files in it.
void write(Rubric const& rubric, std::filesystem::path const& folder);

/// The whole rubric as JSON, points as decimal text, and back.
gis_core::Json to_json(Rubric const& rubric);
gis_core::Json to_json(Set const& set);
Rubric rubric_of(gis_core::Json const& json);

/// \throws Error(precondition_failed) unless the text is the official one and no draft: a real decision rests on nothing else.
void require_for_decision(Rubric const& rubric);

}  // namespace programme::grading
