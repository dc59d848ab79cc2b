#include "programme/grading/import.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace programme::grading {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::io::CsvRow;
using gis_core::io::CsvTable;

/// "6.1. Ngoại hình " → {"6.1", "Ngoại hình"}.
struct Heading {
    std::string code, label;
};
Heading split(std::string const& text) {
    auto const end = text.find_first_not_of("0123456789.");
    auto code = text.substr(0, end);
    while (code.ends_with('.')) code.pop_back();
    auto label = end == std::string::npos ? std::string{} : text.substr(end);
    label.erase(0, label.find_first_not_of(' '));
    label.erase(label.find_last_not_of(' ') + 1);
    return {std::move(code), std::move(label)};
}

/// One option as either list tells it.
struct Row {
    std::size_t line = 0;
    int set = 0, option = 0, min_star = 0;
    std::string class_code, set_name, part, part_max, case_name, max, points, note;
    Text part_name, label, option_label;
    std::string code;
    std::vector<Heading> above;  // from the section down
};

class List {
public:
    explicit List(std::filesystem::path const& file) : file_{file.filename().string()}, table_{gis_core::io::read_csv(file)} {
        if (has("criterion_code")) is_coded_ = true;
        else if (!has("source_set_id"))
            throw Error{ErrorKind::invalid_argument, fmt::format("{} is no list of criteria: it has neither criterion_code nor source_set_id", file_)};
    }
    std::vector<CsvRow> const& rows() const { return table_.rows; }
    std::string const& text(CsvRow const& row, char const* column) const { return table_.at(row, column); }
    int number(CsvRow const& row, char const* column) const {
        auto const& value = text(row, column);
        int out = 0;
        auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
        if (error != std::errc{} || end != value.data() + value.size()) refuse(row.line, fmt::format("{} is '{}', must be a number", column, value));
        return out;
    }
    [[noreturn]] void refuse(std::size_t line, std::string const& what) const {
        throw Error{ErrorKind::invalid_argument, fmt::format("{}:{}: {}", file_, line, what)};
    }
    Row read(CsvRow const& row) const { return is_coded_ ? read_coded(row) : read_plain(row); }

private:
    bool has(char const* column) const { return std::find(table_.columns.begin(), table_.columns.end(), column) != table_.columns.end(); }

    Row read_coded(CsvRow const& row) const {
        Row out;
        out.line = row.line;
        out.set = number(row, "set_no");
        out.class_code = text(row, "class_code");
        out.set_name = text(row, "applies_to_group_vi");
        out.part_name = {text(row, "part_vi"), text(row, "part_en")};
        out.code = text(row, "criterion_code");
        out.label = {text(row, "criterion_vi"), text(row, "criterion_en")};
        out.option_label = {text(row, "option_vi"), text(row, "option_en")};
        out.min_star = text(row, "min_star").empty() ? 0 : number(row, "min_star");
        out.case_name = text(row, "case_vi");
        out.note = text(row, "data_note");
        out.above.push_back({text(row, "section_code"), text(row, "section_vi")});
        read_shared(row, out);
        return out;
    }
    Row read_plain(CsvRow const& row) const {
        Row out;
        out.line = row.line;
        out.set = number(row, "source_set_id");
        out.set_name = text(row, "group_vi");
        auto const section = split(text(row, "section_vi"));
        auto const criterion = text(row, "criterion_vi").empty() ? section : split(text(row, "criterion_vi"));
        out.above.push_back(section);
        if (!text(row, "parent_case_vi").empty()) out.above.push_back(split(text(row, "parent_case_vi")));
        out.code = criterion.code;
        out.label = {criterion.label, {}};
        out.option_label = {text(row, "option_vi"), {}};
        read_shared(row, out);
        return out;
    }
    void read_shared(CsvRow const& row, Row& out) const {
        out.part = text(row, "part");
        out.part_max = text(row, "part_max");
        out.max = text(row, "criterion_max");
        out.option = number(row, "option_no");
        out.points = text(row, "option_points");
        if (out.code.empty() || out.above.front().code.empty()) refuse(row.line, "the criterion or its section has no code");
        if (out.label.vi.empty() || out.option_label.vi.empty()) refuse(row.line, "the criterion or the option has no text");
        std::erase_if(out.above, [&](Heading const& heading) { return heading.code == out.code; });
    }

    std::string file_;
    CsvTable table_;
    bool is_coded_ = false;
};

class Importer {
public:
    Importer(List const& list, Rubric const& head) : list_{list} {
        out_.rubric = head;
        out_.rubric.is_official = true;
        out_.rubric.sets.clear();
        out_.rubric.disqualifiers.clear();
    }

    Imported run(std::vector<std::string> const& classes) {
        for (auto const& row : list_.rows()) take(list_.read(row));
        for (auto& set : out_.rubric.sets) {
            sum_headings(set);
            std::stable_sort(set.criteria.begin(), set.criteria.end(), [](auto const& a, auto const& b) { return places(a.code) < places(b.code); });
        }
        auto const found = check(out_.rubric, classes);
        out_.findings.insert(out_.findings.end(), found.begin(), found.end());
        if (!out_.findings.empty()) out_.rubric.is_draft = true;
        std::set<int> refused;
        for (auto const& finding : out_.findings)
            if (finding.kind == Finding::Kind::wrong && finding.set != 0) refused.insert(finding.set);
        out_.refused_sets.assign(refused.begin(), refused.end());
        std::erase_if(out_.rubric.sets, [&](Set const& set) { return refused.contains(set.number); });
        return std::move(out_);
    }

private:
    /// "6.10" stands after "6.9".
    static std::vector<int> places(std::string const& code) {
        std::vector<int> out{0};
        for (auto const c : code) {
            if (c == '.') out.push_back(0);
            else out.back() = out.back() * 10 + (c - '0');
        }
        return out;
    }

    Exact points(Row const& row, std::string const& text, char const* of_what) {
        if (auto const value = parse_decimal(text)) return *value;
        out_.findings.push_back({Finding::Kind::wrong, row.set, row.code, fmt::format("{} has the points '{}'", of_what, text)});
        return Exact{0};
    }

    void take(Row const& row) {
        auto& rubric = out_.rubric;
        take_part(row);
        auto set = std::find_if(rubric.sets.begin(), rubric.sets.end(), [&](auto const& s) { return s.number == row.set; });
        if (set == rubric.sets.end()) set = rubric.sets.insert(rubric.sets.end(), {row.set, row.class_code, {row.set_name, {}}, {}});
        for (auto const& heading : row.above) add_heading(*set, row, heading);
        add_missing_headings(*set, row);
        auto criterion = std::find_if(set->criteria.begin(), set->criteria.end(), [&](auto const& c) { return c.code == row.code; });
        if (criterion == set->criteria.end())
            criterion = set->criteria.insert(set->criteria.end(), {row.code, row.part, points(row, row.max, "the criterion"), row.label, {}, {}});
        else if (criterion->label.vi != row.label.vi)
            return add_once(
                {Finding::Kind::wrong, row.set, row.code, fmt::format("the code stands for two criteria: '{}', '{}'", criterion->label.vi, row.label.vi)});
        else if (criterion->find(row.option) != nullptr)
            return add_once({Finding::Kind::wrong, row.set, row.code, fmt::format("option {} stands twice", row.option)});
        criterion->options.push_back(
            {row.option, case_number(*criterion, row), points(row, row.points, fmt::format("option {}", row.option).c_str()), row.min_star, row.option_label});
        if (!row.note.empty()) out_.notes.push_back(fmt::format("set {}, criterion {}, option {}: {}", row.set, row.code, row.option, row.note));
    }

    void add_once(Finding finding) {
        auto const is_same = [&](Finding const& other) { return to_text(other) == to_text(finding); };
        if (std::none_of(out_.findings.begin(), out_.findings.end(), is_same)) out_.findings.push_back(std::move(finding));
    }

    void take_part(Row const& row) {
        auto& parts = out_.rubric.parts;
        auto const max = parse_decimal(row.part_max);
        if (!max) list_.refuse(row.line, fmt::format("part_max is '{}', must be points", row.part_max));
        auto const part = std::find_if(parts.begin(), parts.end(), [&](auto const& p) { return p.code == row.part; });
        if (part == parts.end()) {
            auto name = row.part_name;
            if (name.vi.empty()) name.vi = fmt::format("Phần {}", row.part);
            parts.push_back({row.part, *max, std::move(name)});
        } else if (part->max != *max)
            list_.refuse(row.line, fmt::format("part {} has {} points, the version {}", row.part, to_points(*max), to_points(part->max)));
    }

    void add_heading(Set& set, Row const& row, Heading const& heading) {
        auto const* known = set.find(heading.code);
        if (known == nullptr) set.criteria.push_back({heading.code, row.part, Exact{0}, {heading.label, {}}, {}, {}});
    }
    /// 6.1 over 6.1.1 where the list tells the section only.
    void add_missing_headings(Set& set, Row const& row) {
        for (auto dot = row.code.find('.'); dot != std::string::npos; dot = row.code.find('.', dot + 1))
            add_heading(set, row, {row.code.substr(0, dot), "(nguồn không ghi tiêu đề)"});
    }

    static int case_number(Criterion& criterion, Row const& row) {
        if (row.case_name.empty()) return 0;
        for (auto const& [number, label] : criterion.cases)
            if (label.vi == row.case_name) return number;
        auto const number = static_cast<int>(criterion.cases.size()) + 1;
        criterion.cases[number] = {row.case_name, {}};
        return number;
    }

    /// The lists give the points of criteria and parts only.
    static void sum_headings(Set& set) {
        for (auto& heading : set.criteria) {
            if (!heading.is_heading()) continue;
            for (auto const& criterion : set.criteria)
                if (!criterion.is_heading() && criterion.code.starts_with(heading.code + '.')) heading.max += criterion.max;
        }
    }

    List const& list_;
    Imported out_;
};

void read_disqualifiers(Rubric& rubric, std::filesystem::path const& file) {
    auto const table = gis_core::io::read_csv(file);
    std::map<std::string, std::string> ids;  // by text: the same words are one reason
    for (auto const& row : table.rows) {
        if (table.at(row, "kind") == "note") continue;
        auto const set =
            std::find_if(rubric.sets.begin(), rubric.sets.end(), [&](auto const& s) { return std::to_string(s.number) == table.at(row, "set_no"); });
        if (set == rubric.sets.end()) continue;  // of a set that was refused
        auto const& code = table.at(row, "criterion_code");
        if (!code.empty() && set->find(code) == nullptr)
            throw Error{ErrorKind::invalid_argument, fmt::format("{}:{}: set {} has no criterion {}", file.filename().string(), row.line, set->number, code)};
        auto const& id = ids.try_emplace(table.at(row, "text_vi"), fmt::format("d{}", ids.size() + 1)).first->second;
        rubric.disqualifiers.push_back({id, table.at(row, "kind"), set->number, code, {table.at(row, "text_vi"), {}}});
    }
}

}  // namespace

std::string version_of(std::filesystem::path const& csv) {
    auto const table = gis_core::io::read_csv(csv);
    std::set<std::string> versions;
    for (auto const& row : table.rows) versions.insert(table.at(row, "rubric_version"));
    if (versions.size() != 1)
        throw Error{ErrorKind::invalid_argument, fmt::format("{} holds {} versions, must hold one", csv.filename().string(), versions.size())};
    return *versions.begin();
}

Imported import_csv(std::filesystem::path const& csv, std::filesystem::path const& disqualifiers, Rubric const& head, std::vector<std::string> const& classes) {
    List const list{csv};
    auto out = Importer{list, head}.run(classes);
    if (!disqualifiers.empty()) read_disqualifiers(out.rubric, disqualifiers);
    return out;
}

}  // namespace programme::grading
