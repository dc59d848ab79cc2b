#include "programme/documents/score_table.hpp"

#include "gis_core/error.hpp"
#include "programme/documents/compose.hpp"

#include <fmt/format.h>

namespace programme::documents {
namespace {

using namespace compose;
using grading::to_points;

class Maker {
public:
    Maker(grading::Rubric const& rubric, grading::Set const& set, grading::Sheet const& sheet, std::map<std::string, std::string> const& notes,
          std::string notes_title, bool has_all_options)
        : rubric_{rubric}, set_{set}, sheet_{sheet}, notes_{notes}, has_all_options_{has_all_options} {
        out_.table.columns = {{"Mã", 0.7, Align::centre},
                              {has_all_options ? "Tiêu chí và phương án" : "Tiêu chí và phương án tự chọn", 4.6, Align::left},
                              {"Điểm tối đa", 0.75, Align::centre},
                              {has_all_options ? "Điểm chấm" : "Điểm tự chấm", 0.85, Align::centre},
                              {std::move(notes_title), 2.3, Align::left}};
    }

    ScoreTable run() {
        check();
        for (auto const& part : rubric_.parts) {
            out_.table.rows.push_back(group(fmt::format("Phần {}: {} ({} điểm)", part.code, part.name.vi, to_points(part.max))));
            out_.parts[part.code] = {};
            for (auto const& criterion : set_.criteria)
                if (criterion.part == part.code) criterion.is_heading() ? add_heading(criterion) : add(criterion);
            out_.total += out_.parts[part.code];
            add_sum(fmt::format("Cộng phần {}", part.code), part.max, out_.parts[part.code]);
        }
        grading::Exact most{0};
        for (auto const& part : rubric_.parts) most += part.max;
        add_sum("TỔNG ĐIỂM", most, out_.total);
        return std::move(out_);
    }

private:
    [[noreturn]] void refuse(std::string const& code, std::string const& what) const {
        throw gis_core::Error{gis_core::ErrorKind::invalid_argument, fmt::format("{}, criterion {}: {}", sheet_.member, code, what)};
    }

    void check() const {
        auto const check_codes = [&](auto const& by_code) {
            for (auto const& [code, value] : by_code) {
                auto const* criterion = set_.find(code);
                if (criterion == nullptr || criterion->is_heading()) refuse(code, fmt::format("set {} has no such criterion to answer", set_.number));
            }
        };
        check_codes(sheet_.answers);
        check_codes(notes_);
    }

    void add_heading(grading::Criterion const& criterion) {
        out_.table.rows.push_back({{bold_cell(criterion.code), bold_cell(criterion.label.vi), bold_cell(to_points(criterion.max)), {}, {}}, true});
    }

    void add_sum(std::string label, grading::Exact const& most, grading::Exact const& sum) {
        out_.table.rows.push_back({{{}, bold_cell(std::move(label)), bold_cell(to_points(most)), bold_cell(to_points(sum)), {}}, false});
    }

    static std::string text_of(grading::Option const& option) {
        return fmt::format("{}. {}: {} điểm{}", option.number, option.label.vi, to_points(option.points),
                           option.min_star == 0 ? "" : " (" + std::string(static_cast<std::size_t>(option.min_star), '*') + ")");
    }

    void add(grading::Criterion const& criterion) {
        ++out_.asked;
        auto const found = sheet_.answers.find(criterion.code);
        auto const is_answered = found != sheet_.answers.end();
        auto const case_number = is_answered ? found->second.case_number.value_or(0) : 0;
        grading::Option const* chosen = nullptr;
        if (is_answered) {
            ++out_.answered;
            if (criterion.has_cases() != (case_number != 0) || (case_number != 0 && !criterion.cases.contains(case_number)))
                refuse(criterion.code, fmt::format("there is no case {}", case_number));
            if (found->second.option != 0) {
                chosen = criterion.find(found->second.option);
                if (chosen == nullptr || chosen->case_number != case_number) refuse(criterion.code, fmt::format("there is no option {}", found->second.option));
                out_.parts[criterion.part] += chosen->points;
            }
        }
        Cell words{{Style::cell, {bold(criterion.label.vi)}, {}}};
        auto const line = [&](std::string text, bool is_bold) { words.push_back({Style::cell, {{std::move(text), is_bold, false}}, {}}); };
        if (case_number != 0) line("Trường hợp " + std::to_string(case_number) + ": " + criterion.cases.at(case_number).vi, false);
        if (has_all_options_) {
            for (auto const* option : options_of(criterion, case_number)) line((option == chosen ? "☒ " : "☐ ") + text_of(*option), option == chosen);
        } else if (chosen != nullptr) {
            line(text_of(*chosen), false);
        }
        if (is_answered && chosen == nullptr) line("☒ 0. Không đạt phương án nào: 0 điểm", true);
        auto const points = !is_answered ? "……" : chosen == nullptr ? "0" : to_points(chosen->points);
        auto const note = notes_.find(criterion.code);
        out_.table.rows.push_back({{cell(criterion.code), std::move(words), cell(to_points(criterion.max)), bold_cell(points),
                                    cell(note == notes_.end() ? std::string{} : note->second)},
                                   false});
    }

    grading::Rubric const& rubric_;
    grading::Set const& set_;
    grading::Sheet const& sheet_;
    std::map<std::string, std::string> const& notes_;
    bool has_all_options_;
    ScoreTable out_;
};

}  // namespace

ScoreTable score_table(grading::Rubric const& rubric, grading::Set const& set, grading::Sheet const& sheet, std::map<std::string, std::string> const& notes,
                       std::string notes_title, bool has_all_options) {
    return Maker{rubric, set, sheet, notes, std::move(notes_title), has_all_options}.run();
}

}  // namespace programme::documents
