#include "programme/grading/check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace programme::grading {
namespace {

using Kind = Finding::Kind;

constexpr std::size_t kSets = 26;

/// "6.1.1" → "6.1", "6" → "".
std::string parent_of(std::string const& code) {
    auto const dot = code.rfind('.');
    return dot == std::string::npos ? std::string{} : code.substr(0, dot);
}

std::vector<int> cases_of(Criterion const& criterion) {
    if (!criterion.has_cases()) return {0};
    std::vector<int> out;
    for (auto const& [number, label] : criterion.cases) out.push_back(number);
    return out;
}

class Checker {
public:
    Checker(Rubric const& rubric, std::vector<std::string> const& classes) : rubric_{rubric}, classes_{classes} {}

    std::vector<Finding> run() {
        check_version();
        std::set<std::string> codes;
        for (auto const& set : rubric_.sets) {
            if (set.class_code.empty()) add(Kind::undecided, set, {}, "applies to no class that is known here");
            else {
                if (!codes.insert(set.class_code).second) add(Kind::wrong, set, {}, fmt::format("the class {} has a set already", set.class_code));
                if (std::find(classes_.begin(), classes_.end(), set.class_code) == classes_.end())
                    add(Kind::wrong, set, {}, fmt::format("there is no class {}", set.class_code));
            }
            check_set(set);
        }
        return std::move(findings_);
    }

private:
    void add(Kind kind, Set const& set, std::string criterion, std::string what) {
        findings_.push_back({kind, set.number, std::move(criterion), std::move(what)});
    }
    void add(std::string what) { findings_.push_back({Kind::wrong, 0, {}, std::move(what)}); }

    void check_version() {
        Exact sum{0};
        for (auto const& part : rubric_.parts) sum += part.max;
        if (rubric_.parts.size() != 3 || sum != Exact{100}) add(fmt::format("{} parts sum to {}, must be 3 and 100", rubric_.parts.size(), to_points(sum)));
        if (rubric_.stars.empty()) add("no thresholds: the points from which a star is given");
        else if (rubric_.stars.back().from != Exact{0})
            add(fmt::format("the lowest star begins at {} points, must be 0", to_points(rubric_.stars.back().from)));
        if (rubric_.sets.size() != kSets) add(fmt::format("{} sets, must be {}", rubric_.sets.size(), kSets));
    }

    void check_set(Set const& set) {
        if (set.criteria.empty()) {
            add(Kind::wrong, set, {}, "has no criteria");
            return;
        }
        for (auto const& part : rubric_.parts) {
            Exact sum{0};
            for (auto const& criterion : set.criteria)
                if (criterion.part == part.code && parent_of(criterion.code).empty()) sum += criterion.max;
            if (sum != part.max) add(Kind::wrong, set, {}, fmt::format("part {} sums to {}, must be {}", part.code, to_points(sum), to_points(part.max)));
        }
        for (auto const& criterion : set.criteria) check_criterion(set, criterion);
        for (auto const& star : rubric_.stars) {
            if (!star.is_certified) continue;
            if (auto const floor = floor_of(set, star.star); floor >= star.from)
                add(Kind::undecided, set, {},
                    fmt::format("the minima of {} stars alone come to {} points, and {} are enough for it", star.star, to_points(floor), to_points(star.from)));
        }
    }

    void check_criterion(Set const& set, Criterion const& criterion) {
        if (auto const above = parent_of(criterion.code); !above.empty()) {
            auto const* parent = set.find(above);
            if (parent == nullptr) add(Kind::wrong, set, criterion.code, fmt::format("there is no {} above it", above));
            else if (!parent->is_heading()) add(Kind::wrong, set, criterion.code, fmt::format("{} above it has options of its own", above));
            else if (parent->part != criterion.part)
                add(Kind::wrong, set, criterion.code, fmt::format("is of part {}, {} of part {}", criterion.part, above, parent->part));
        }
        if (criterion.is_heading()) {
            Exact sum{0};
            bool has_children = false;
            for (auto const& child : set.criteria) {
                if (parent_of(child.code) != criterion.code) continue;
                sum += child.max;
                has_children = true;
            }
            if (!has_children) add(Kind::wrong, set, criterion.code, "has no options");
            else if (sum != criterion.max)
                add(Kind::wrong, set, criterion.code, fmt::format("has {} points, its criteria {}", to_points(criterion.max), to_points(sum)));
            return;
        }
        if (has_unmarked_cases(criterion)) {
            std::vector<std::string> points;
            for (auto const& option : criterion.options) points.push_back(to_points(option.points));
            add(Kind::undecided, set, criterion.code, fmt::format("the points fall ({}): two cases that the source does not mark", fmt::join(points, ", ")));
        }
        for (auto const number : cases_of(criterion)) check_options(set, criterion, number);
    }

    void check_options(Set const& set, Criterion const& criterion, int case_number) {
        auto const of_case = case_number == 0 ? std::string{} : fmt::format(" of case {}", case_number);
        auto const options = options_of(criterion, case_number);
        if (options.empty()) {
            add(Kind::wrong, set, criterion.code, fmt::format("no option{}", of_case));
            return;
        }
        Exact largest{0};
        Option const* starred = nullptr;
        for (auto const* option : options) {
            largest = std::max(largest, option->points);
            if (option->points > criterion.max)
                add(Kind::wrong, set, criterion.code,
                    fmt::format("option {} has {} points, the criterion {}", option->number, to_points(option->points), to_points(criterion.max)));
            if (option->min_star == 0) continue;
            if (option->min_star < 3 || option->min_star > 5)
                add(Kind::wrong, set, criterion.code, fmt::format("option {} is the minimum of {} stars, must be 3 to 5", option->number, option->min_star));
            if (starred != nullptr && (option->min_star <= starred->min_star || option->points <= starred->points))
                add(Kind::wrong, set, criterion.code,
                    fmt::format("minima do not rise: option {} ({} points, {} stars), option {} ({} points, {} stars)", starred->number,
                                to_points(starred->points), starred->min_star, option->number, to_points(option->points), option->min_star));
            starred = option;
        }
        if (largest < criterion.max)
            add(Kind::wrong, set, criterion.code,
                fmt::format("the largest option{} has {} points, the criterion {}", of_case, to_points(largest), to_points(criterion.max)));
    }

    Rubric const& rubric_;
    std::vector<std::string> const& classes_;
    std::vector<Finding> findings_;
};

std::string text_of(Option const& option) {
    return fmt::format("{} points, minimum of {}, case {}", to_points(option.points),
                       option.min_star == 0 ? "no star" : fmt::format("{} stars", option.min_star),
                       option.case_number == 0 ? "none" : std::to_string(option.case_number));
}

/// Numbers in the order of the first list, then what only the second has.
template <typename Items, typename Find, typename Only, typename Both>
void pair_up(Items const& before, Items const& after, Find find, Only only, Both both) {
    for (auto const& item : before) {
        if (auto const* other = find(after, item)) both(item, *other);
        else only("gone", item);
    }
    for (auto const& item : after)
        if (find(before, item) == nullptr) only("new", item);
}

template <typename Items, typename Key>
auto finder(Key key) {
    return [key](Items const& items, auto const& wanted) {
        auto const found = std::find_if(items.begin(), items.end(), [&](auto const& item) { return key(item) == key(wanted); });
        return found == items.end() ? nullptr : &*found;
    };
}

}  // namespace

std::string to_text(Finding const& finding) {
    if (finding.set == 0) return finding.what;
    if (finding.criterion.empty()) return fmt::format("set {}: {}", finding.set, finding.what);
    return fmt::format("set {}, criterion {}: {}", finding.set, finding.criterion, finding.what);
}

std::vector<Finding> check(Rubric const& rubric, std::vector<std::string> const& classes) { return Checker{rubric, classes}.run(); }

Exact floor_of(Set const& set, int star) {
    Exact sum{0};
    for (auto const& criterion : set.criteria) {
        if (criterion.is_heading()) continue;
        std::optional<Exact> least;
        for (auto const number : cases_of(criterion)) {
            for (auto const* option : options_of(criterion, number)) {
                auto const* minimum = minimum_for(criterion, number, star);
                if (minimum != nullptr && option->points < minimum->points) continue;
                if (!least || option->points < *least) least = option->points;
            }
        }
        sum += least.value_or(Exact{0});
    }
    return sum;
}

std::vector<std::string> differences(Rubric const& before, Rubric const& after) {
    std::vector<std::string> out;
    auto const say = [&](std::string where, std::string const& was, std::string const& is) {
        if (was != is) out.push_back(fmt::format("{}: {} → {}", where, was, is));
    };
    auto const say_label = [&](std::string const& where, Text const& was, Text const& is) {
        say(where + ", vi", was.vi, is.vi);
        say(where + ", en", was.en, is.en);
    };
    say("version", before.version, after.version);
    say("text", before.is_official ? "official" : "training", after.is_official ? "official" : "training");
    pair_up(
        before.parts, after.parts, finder<std::vector<Part>>([](Part const& part) { return part.code; }),
        [&](char const* what, Part const& part) { out.push_back(fmt::format("part {}: {}", part.code, what)); },
        [&](Part const& was, Part const& is) { say(fmt::format("part {}", was.code), to_points(was.max), to_points(is.max)); });
    pair_up(
        before.stars, after.stars, finder<std::vector<Star>>([](Star const& star) { return star.star; }),
        [&](char const* what, Star const& star) { out.push_back(fmt::format("{} stars from {}: {}", star.star, to_points(star.from), what)); },
        [&](Star const& was, Star const& is) { say(fmt::format("{} stars from", was.star), to_points(was.from), to_points(is.from)); });
    pair_up(
        before.disqualifiers, after.disqualifiers,
        finder<std::vector<Disqualifier>>([](Disqualifier const& d) { return std::tie(d.set, d.criterion, d.kind, d.label.vi); }),
        [&](char const* what, Disqualifier const& d) { out.push_back(fmt::format("set {}, {} {}: {}", d.set, d.kind, d.label.vi, what)); },
        [](Disqualifier const&, Disqualifier const&) {});
    pair_up(
        before.sets, after.sets, finder<std::vector<Set>>([](Set const& set) { return set.number; }),
        [&](char const* what, Set const& set) { out.push_back(fmt::format("set {}: {}", set.number, what)); },
        [&](Set const& was_set, Set const& is_set) {
            say(fmt::format("set {}, class", was_set.number), was_set.class_code, is_set.class_code);
            say_label(fmt::format("set {}", was_set.number), was_set.name, is_set.name);
            auto const place = [&](Criterion const& criterion) { return fmt::format("set {}, criterion {}", was_set.number, criterion.code); };
            pair_up(
                was_set.criteria, is_set.criteria, finder<std::vector<Criterion>>([](Criterion const& criterion) { return criterion.code; }),
                [&](char const* what, Criterion const& criterion) { out.push_back(fmt::format("{}: {}", place(criterion), what)); },
                [&](Criterion const& was, Criterion const& is) {
                    say(place(was) + ", part", was.part, is.part);
                    say(place(was) + ", points", to_points(was.max), to_points(is.max));
                    say_label(place(was), was.label, is.label);
                    pair_up(
                        was.options, is.options, finder<std::vector<Option>>([](Option const& option) { return option.number; }),
                        [&](char const* what, Option const& option) { out.push_back(fmt::format("{}, option {}: {}", place(was), option.number, what)); },
                        [&](Option const& was_option, Option const& is_option) {
                            auto const where = fmt::format("{}, option {}", place(was), was_option.number);
                            say(where, text_of(was_option), text_of(is_option));
                            say_label(where, was_option.label, is_option.label);
                        });
                });
        });
    return out;
}

}  // namespace programme::grading
