#include "programme/grading/grade.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace programme::grading {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;

[[noreturn]] void refuse(std::string const& what) { throw Error{ErrorKind::invalid_argument, what}; }

/// A sheet with its points looked up.
struct Scored {
    std::vector<Option const*> options;  // by the set's criteria; nullptr: none reached, or a heading
    Exact total;
};

class Grader {
public:
    Grader(Rubric const& rubric, Set const& set, Evaluation const& evaluation) : rubric_{rubric}, set_{set}, evaluation_{evaluation} {
        auto const& given = evaluation.settings;
        out_.rubric = rubric.version;
        out_.is_official = rubric.is_official;
        out_.set = set.number;
        out_.minimum_rule = given.minimum_rule.value_or(rubric.council.minimum_rule);
        spread_limit_ = given.spread_limit ? given.spread_limit : rubric.council.spread_limit;
        // The share is of the council: without its size a default of the rubric says nothing.
        quorum_ = given.quorum ? given.quorum : given.council_members ? rubric.council.quorum : std::nullopt;
    }

    Grade run() {
        check_rubric();
        check_members();
        for (auto const& sheet : evaluation_.sheets) scored_.push_back(look_up(sheet));
        add_up();
        find_minima();
        decide();
        return std::move(out_);
    }

private:
    std::int64_t members() const { return static_cast<std::int64_t>(evaluation_.sheets.size()); }

    void check_rubric() const {
        if (rubric_.stars.empty()) throw Error{ErrorKind::precondition_failed, fmt::format("{} states no thresholds", rubric_.version)};
        if (set_.criteria.empty()) throw Error{ErrorKind::precondition_failed, fmt::format("set {} of {} has no criteria yet", set_.number, rubric_.version)};
        for (auto const& criterion : set_.criteria) {
            if (has_unmarked_cases(criterion))
                throw Error{ErrorKind::precondition_failed, fmt::format("set {} of {} cannot be graded by: criterion {} has two cases that nobody has marked",
                                                                        set_.number, rubric_.version, criterion.code)};
        }
    }

    void check_members() const {
        if (evaluation_.sheets.empty()) refuse("there are no members: one signed sheet at least");
        std::set<std::string_view> names;
        for (auto const& sheet : evaluation_.sheets) {
            if (sheet.member.empty()) refuse("a member has no name");
            if (!names.insert(sheet.member).second) refuse(fmt::format("{} stands twice among the members", sheet.member));
        }
        auto const& settings = evaluation_.settings;
        if (quorum_ && !settings.council_members) refuse("settings.council_members is missing: the quorum is a share of it");
        if (settings.council_members && *settings.council_members < members())
            refuse(fmt::format("settings.council_members is {}, and there are {} sheets", *settings.council_members, members()));
    }

    [[noreturn]] void refuse_answer(Sheet const& sheet, std::string const& code, std::string const& what) const {
        refuse(fmt::format("{}, criterion {}: {}", sheet.member, code, what));
    }

    Scored look_up(Sheet const& sheet) {
        for (auto const& [code, answer] : sheet.answers) {
            auto const* criterion = set_.find(code);
            if (criterion == nullptr) refuse_answer(sheet, code, fmt::format("set {} has no such criterion", set_.number));
            if (criterion->is_heading()) refuse_answer(sheet, code, "is a heading; its criteria are answered");
        }
        Scored out;
        for (auto const& criterion : set_.criteria) {
            out.options.push_back(criterion.is_heading() ? nullptr : option_of(sheet, criterion));
            if (out.options.back() != nullptr) out.total += out.options.back()->points;
        }
        return out;
    }

    Option const* option_of(Sheet const& sheet, Criterion const& criterion) {
        auto const found = sheet.answers.find(criterion.code);
        if (found == sheet.answers.end()) refuse_answer(sheet, criterion.code, "is not answered");
        auto const& answer = found->second;
        if (criterion.has_cases()) take_case(sheet, criterion, answer);
        else if (answer.case_number) refuse_answer(sheet, criterion.code, "has no cases");
        auto const options = options_of(criterion, case_of(criterion));
        if (answer.option == 0) {
            for (auto const* option : options)
                if (option->points == Exact{0})
                    refuse_answer(sheet, criterion.code, fmt::format("0 is no answer here: option {} stands for 0 points", option->number));
            return nullptr;
        }
        auto const* option = criterion.find(answer.option);
        if (option != nullptr && option->case_number == case_of(criterion)) return option;
        std::vector<int> numbers;
        for (auto const* known : options) numbers.push_back(known->number);
        if (option != nullptr)
            refuse_answer(sheet, criterion.code,
                          fmt::format("option {} is of case {}; case {} has {}", answer.option, option->case_number, case_, fmt::join(numbers, ", ")));
        refuse_answer(sheet, criterion.code, fmt::format("there is no option {}, there are {}", answer.option, fmt::join(numbers, ", ")));
    }

    int case_of(Criterion const& criterion) const { return criterion.has_cases() ? case_ : 0; }

    /// A dossier is one thing or the other: the first answer says which, and every other must agree.
    void take_case(Sheet const& sheet, Criterion const& criterion, Answer const& answer) {
        if (!answer.case_number) refuse_answer(sheet, criterion.code, R"(has cases: answer {"case": …, "option": …})");
        if (!criterion.cases.contains(*answer.case_number)) refuse_answer(sheet, criterion.code, fmt::format("there is no case {}", *answer.case_number));
        if (case_ == 0) case_ = *answer.case_number;
        if (case_ != *answer.case_number)
            refuse_answer(sheet, criterion.code, fmt::format("is answered by case {}, others by case {}: a dossier has one", *answer.case_number, case_));
    }

    void add_up() {
        Exact const count{members()};
        for (auto const& part : rubric_.parts) out_.parts[part.code] = Exact{0};
        auto least = scored_.front().total, most = least;
        for (std::size_t i = 0; i < scored_.size(); ++i) {
            auto const& scored = scored_[i];
            sum_ += scored.total;
            least = std::min(least, scored.total);
            most = std::max(most, scored.total);
            out_.totals.push_back({evaluation_.sheets[i].member, scored.total});
            for (std::size_t c = 0; c < scored.options.size(); ++c)
                if (scored.options[c] != nullptr) out_.parts[set_.criteria[c].part] += scored.options[c]->points;
        }
        for (auto& [code, points] : out_.parts) points /= count;
        out_.mean_total = sum_ / count;
        out_.spread = most - least;
    }

    bool is_met(int below, Exact const& points_of_all, Exact const& asked) const {
        switch (out_.minimum_rule) {
        case MinimumRule::majority: return 2 * (members() - below) > members();
        case MinimumRule::every: return below == 0;
        case MinimumRule::mean: return points_of_all >= asked * Exact{members()};
        }
        return false;
    }

    void find_minima() {
        for (auto star = rubric_.stars.rbegin(); star != rubric_.stars.rend(); ++star) {
            if (!star->is_certified) continue;
            for (std::size_t c = 0; c < set_.criteria.size(); ++c) {
                auto const& criterion = set_.criteria[c];
                auto const* minimum = minimum_for(criterion, case_of(criterion), star->star);
                if (minimum == nullptr) continue;
                int below = 0;
                Exact points_of_all{0};
                for (auto const& scored : scored_) {
                    auto const points = scored.options[c] == nullptr ? Exact{0} : scored.options[c]->points;
                    points_of_all += points;
                    if (points < minimum->points) ++below;
                }
                if (!is_met(below, points_of_all, minimum->points))
                    out_.unmet_minima.push_back({star->star, criterion.code, minimum->number, minimum->points, below});
            }
        }
    }

    bool has_points_for(Star const& star) const { return sum_ >= star.from * Exact{members()}; }
    bool has_minima_for(Star const& star) const {
        return std::none_of(out_.unmet_minima.begin(), out_.unmet_minima.end(), [&](auto const& unmet) { return unmet.star == star.star; });
    }

    void decide() {
        for (auto const& star : rubric_.stars) {
            if (!has_points_for(star)) continue;
            if (out_.star_by_points == 0) out_.star_by_points = star.star;
            if (out_.star == 0 && (!star.is_certified || has_minima_for(star))) out_.star = star.star;
        }
        auto const* star = rubric_.find_star(out_.star);
        out_.is_certifiable = star != nullptr && star->is_certified;
        say_stars();
        say_council();
        for (auto const& disqualified : evaluation_.disqualified) {
            Text words{disqualified, disqualified};
            for (auto const& known : rubric_.disqualifiers)
                if (known.id == disqualified && known.set == set_.number) words = known.label;
            hold_back("Bị loại: " + words.vi, "Disqualified: " + (words.en.empty() ? words.vi : words.en));
        }
    }

    void say(std::string vi, std::string en) { out_.reasons.push_back({std::move(vi), std::move(en)}); }
    void hold_back(std::string vi, std::string en) {
        out_.is_certifiable = false;
        say(std::move(vi), std::move(en));
    }

    void say_stars() {
        auto const mean = to_decimal(out_.mean_total, 2);
        say(fmt::format("Điểm trung bình {}: {} sao theo điểm, được {} sao", mean, out_.star_by_points, out_.star),
            fmt::format("Mean {}: {} stars by points, {} awarded", mean, out_.star_by_points, out_.star));
        // 89.995 is shown as 90.00: whoever reads the minutes must not take it for a mistake.
        for (auto const& star : rubric_.stars) {
            if (has_points_for(star) || out_.mean_total + Exact{1, 200} < star.from) continue;
            say(fmt::format("Điểm trung bình chính xác {} chưa tới {} của {} sao", to_decimal(out_.mean_total, 6), to_points(star.from), star.star),
                fmt::format("The exact mean, {}, is below the {} of {} stars", to_decimal(out_.mean_total, 6), to_points(star.from), star.star));
        }
        for (auto const& unmet : out_.unmet_minima) {
            if (unmet.star <= out_.star || unmet.star > out_.star_by_points) continue;
            say(fmt::format("Chưa đạt {} sao: tiêu chí {} cần phương án {} ({} điểm), {} trên {} thành viên chấm thấp hơn", unmet.star, unmet.criterion,
                            unmet.option, to_points(unmet.points), unmet.members_below, members()),
                fmt::format("No {} stars: criterion {} needs option {} ({} points), {} of {} members gave less", unmet.star, unmet.criterion, unmet.option,
                            to_points(unmet.points), unmet.members_below, members()));
        }
        if (!out_.unmet_minima.empty() && members() > 1) {
            switch (out_.minimum_rule) {
            case MinimumRule::majority:
                say("Yêu cầu tối thiểu tính theo quá nửa số phiếu (đề xuất, văn bản không quy định)",
                    "Minima are met by more than half of the sheets (our proposal, the law is silent)");
                break;
            case MinimumRule::every:
                say("Yêu cầu tối thiểu tính theo mọi phiếu (đề xuất, văn bản không quy định)",
                    "Minima are met by every sheet (our proposal, the law is silent)");
                break;
            case MinimumRule::mean:
                say("Yêu cầu tối thiểu tính theo điểm trung bình (đề xuất, văn bản không quy định)",
                    "Minima are met by the mean (our proposal, the law is silent)");
                break;
            }
        }
        if (!out_.is_certifiable) say("Không cấp giấy chứng nhận ở hạng này", "No certificate at these stars");
    }

    void say_council() {
        auto const& settings = evaluation_.settings;
        if (spread_limit_ && out_.spread > *spread_limit_)
            hold_back(fmt::format("Chênh lệch giữa các thành viên {} điểm, quá {}: chấm lại", to_points(out_.spread), to_points(*spread_limit_)),
                      fmt::format("Members differ by {} points, more than {}: score again", to_points(out_.spread), to_points(*spread_limit_)));
        if (quorum_ && Exact{members()} < *quorum_ * Exact{*settings.council_members})
            hold_back(
                fmt::format("{} trên {} thành viên chấm, chưa đủ {}/{}", members(), *settings.council_members, quorum_->numerator(), quorum_->denominator()),
                fmt::format("{} of {} members scored, fewer than {}/{}", members(), *settings.council_members, quorum_->numerator(), quorum_->denominator()));
        auto const is_chair = [&](Sheet const& sheet) { return sheet.member == settings.chair; };
        if (!settings.chair.empty() && std::none_of(evaluation_.sheets.begin(), evaluation_.sheets.end(), is_chair))
            hold_back(fmt::format("Chủ tịch {} không có phiếu", settings.chair), fmt::format("The chair, {}, has no sheet", settings.chair));
    }

    Rubric const& rubric_;
    Set const& set_;
    Evaluation const& evaluation_;
    std::optional<Exact> spread_limit_, quorum_;
    int case_ = 0;  // of the dossier; 0: not known yet
    std::vector<Scored> scored_;
    Exact sum_{0};
    Grade out_;
};

}  // namespace

Grade grade(Rubric const& rubric, int set, Evaluation const& evaluation) { return Grader{rubric, rubric.set(set), evaluation}.run(); }

}  // namespace programme::grading
