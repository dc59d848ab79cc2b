#include "programme/grading/rubric.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>

namespace programme::grading {
namespace {

namespace fs = std::filesystem;
using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::io::CsvRow;
using gis_core::io::CsvTable;

constexpr char const* kHead = "rubric.toml";
constexpr char const* kSets = "sets.csv";
constexpr char const* kCriteria = "criteria.csv";
constexpr char const* kScales = "scales.csv";
constexpr char const* kCases = "cases.csv";
constexpr char const* kDisqualifiers = "disqualifiers.csv";
constexpr char const* kLabels = "labels.csv";

// ------------------------------------------------------------------------------------------------ reading

/// The rows of one file; a file that is not there has none.
class Rows {
public:
    Rows(fs::path const& folder, char const* file) : file_{file} {
        if (fs::exists(folder / file)) table_ = gis_core::io::read_csv(folder / file);
    }
    std::vector<CsvRow> const& rows() const { return table_.rows; }
    std::string const& text(CsvRow const& row, char const* column) const { return table_.at(row, column); }
    [[noreturn]] void refuse(CsvRow const& row, char const* column, std::string_view allowed) const {
        throw Error{ErrorKind::invalid_argument, fmt::format("{}:{}: {} is '{}', must be {}", file_, row.line, column, text(row, column), allowed)};
    }
    std::string const& filled(CsvRow const& row, char const* column) const {
        if (text(row, column).empty()) refuse(row, column, "a text");
        return text(row, column);
    }
    int number(CsvRow const& row, char const* column, int low, int high) const {
        auto const& value = text(row, column);
        int out = 0;
        auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
        if (error != std::errc{} || end != value.data() + value.size() || out < low || out > high)
            refuse(row, column, fmt::format("a number from {} to {}", low, high));
        return out;
    }
    int number_or_none(CsvRow const& row, char const* column, int low, int high) const {
        return text(row, column).empty() ? 0 : number(row, column, low, high);
    }
    Exact points(CsvRow const& row, char const* column) const {
        auto const value = parse_decimal(text(row, column));
        if (!value) refuse(row, column, "points such as 3 or 2.5");
        return *value;
    }

private:
    char const* file_;
    CsvTable table_;
};

class Labels {
public:
    explicit Labels(fs::path const& folder) : rows_{folder, kLabels} {
        for (auto const& row : rows_.rows()) {
            if (!texts_.emplace(rows_.filled(row, "label"), Text{rows_.filled(row, "vi"), rows_.text(row, "en")}).second)
                rows_.refuse(row, "label", "a name that stands once");
        }
    }
    Text const& at(Rows const& from, CsvRow const& row) const {
        auto const found = texts_.find(from.filled(row, "label"));
        if (found == texts_.end()) from.refuse(row, "label", "a label of labels.csv");
        used_.insert(found->first);
        return found->second;
    }
    void refuse_unused() const {
        for (auto const& row : rows_.rows())
            if (!used_.contains(rows_.text(row, "label"))) rows_.refuse(row, "label", "used, or not there");
    }

private:
    Rows rows_;
    std::map<std::string, Text, std::less<>> texts_;
    mutable std::set<std::string, std::less<>> used_;
};

/// The table of rubric.toml, where every mistake is told with its line.
class Head {
public:
    explicit Head(toml::table const& table) : table_{table} {}
    [[noreturn]] static void refuse(toml::node const& node, std::string const& what) {
        throw Error{ErrorKind::invalid_argument, fmt::format("{}:{}: {}", kHead, node.source().begin.line, what)};
    }
    void allow_only(std::set<std::string_view> const& known) const {
        for (auto const& [key, node] : table_)
            if (!known.contains(key.str())) refuse(node, fmt::format("unknown key {}, known are {}", key.str(), fmt::join(known, ", ")));
    }
    std::string text(char const* key) const {
        auto const* node = table_.get(key);
        if (node == nullptr) refuse(table_, fmt::format("{} is missing", key));
        auto out = node->value_exact<std::string>();
        if (!out || out->empty()) refuse(*node, fmt::format("{} must be a text", key));
        return *std::move(out);
    }
    std::string text_or_none(char const* key) const { return table_.contains(key) ? text(key) : std::string{}; }
    std::optional<int> days(char const* key) const {
        auto const* node = table_.get(key);
        if (node == nullptr) return {};
        auto const out = node->value_exact<std::int64_t>();
        if (!out || *out < 1 || *out > 9999) refuse(*node, fmt::format("{} must be a number from 1 to 9999", key));
        return static_cast<int>(*out);
    }
    bool flag(char const* key) const {
        auto const* node = table_.get(key);
        auto const out = node == nullptr ? std::nullopt : node->value_exact<bool>();
        if (!out) refuse(node == nullptr ? static_cast<toml::node const&>(table_) : *node, fmt::format("{} must be true or false", key));
        return *out;
    }
    template <typename Parse>
    auto parsed(char const* key, Parse parse, char const* allowed) const {
        auto const value = text(key);
        auto out = parse(value);
        if (!out) refuse(*table_.get(key), fmt::format("{} is {}, must be {}", key, value, allowed));
        return *std::move(out);
    }
    std::vector<Head> list(char const* key) const {
        std::vector<Head> out;
        auto const* node = table_.get(key);
        if (node == nullptr) return out;
        if (!node->is_array_of_tables()) refuse(*node, fmt::format("{} must be a list of tables", key));
        for (auto const& item : *node->as_array()) out.emplace_back(*item.as_table());
        return out;
    }
    std::optional<Head> table(char const* key) const {
        auto const* node = table_.get(key);
        if (node == nullptr) return {};
        if (!node->is_table()) refuse(*node, fmt::format("{} must be a table", key));
        return Head{*node->as_table()};
    }
    toml::table const& node() const { return table_; }

private:
    toml::table const& table_;
};

constexpr char const* kDecimal = "a decimal as text, such as \"90\"";

void read_head(Rubric& out, fs::path const& folder) {
    toml::table table;
    try {
        table = toml::parse(gis_core::io::read_bytes(folder / kHead));
    } catch (toml::parse_error const& error) {
        throw Error{ErrorKind::invalid_argument, fmt::format("{}:{}: {}", kHead, error.source().begin.line, error.description())};
    }
    Head const head{table};
    head.allow_only({"version", "document", "dated", "text", "state", "parts", "stars", "council", "periods"});
    out.version = head.text("version");
    out.document = head.text_or_none("document");
    out.dated = head.text_or_none("dated");
    auto const one_of = [&](char const* key, std::string_view yes, std::string_view no) {
        return head.parsed(
            key, [&](std::string const& value) { return value == yes  ? std::optional{true}
                                                        : value == no ? std::optional{false}
                                                                      : std::nullopt; },
            fmt::format("{} or {}", yes, no).c_str());
    };
    out.is_official = one_of("text", "official", "training");
    out.is_draft = one_of("state", "draft", "complete");
    for (auto const& part : head.list("parts")) {
        part.allow_only({"part", "max", "vi", "en"});
        out.parts.push_back({part.text("part"), part.parsed("max", parse_decimal, kDecimal), {part.text("vi"), part.text_or_none("en")}});
    }
    for (auto const& star : head.list("stars")) {
        star.allow_only({"star", "from", "certificate", "decided_by"});
        auto const number = star.days("star");
        if (!number || *number > 5) Head::refuse(star.node(), "star must be a number from 1 to 5");
        out.stars.push_back({*number, star.parsed("from", parse_decimal, kDecimal), star.flag("certificate"), star.text_or_none("decided_by")});
        if (out.stars.size() > 1) {
            auto const& higher = out.stars[out.stars.size() - 2];
            if (higher.star <= *number || higher.from <= out.stars.back().from)
                Head::refuse(star.node(), "stars must stand from the highest, each from fewer points");
        }
    }
    if (auto const council = head.table("council")) {
        council->allow_only({"minimum_rule", "spread_limit", "quorum"});
        out.council.minimum_rule = council->parsed("minimum_rule", parse_minimum_rule, "majority, every or mean");
        if (council->node().contains("spread_limit")) out.council.spread_limit = council->parsed("spread_limit", parse_decimal, kDecimal);
        if (council->node().contains("quorum")) out.council.quorum = council->parsed("quorum", parse_share, "a share such as \"3/4\"");
    }
    if (auto const periods = head.table("periods")) {
        periods->allow_only({"certificate_months", "renewal_earliest_days", "renewal_latest_days", "renewal_processing_days", "extension_days",
                             "commune_working_days", "withdrawal_days"});
        out.periods = {periods->days("certificate_months"),      periods->days("renewal_earliest_days"), periods->days("renewal_latest_days"),
                       periods->days("renewal_processing_days"), periods->days("extension_days"),        periods->days("commune_working_days"),
                       periods->days("withdrawal_days")};
    }
}

struct Scale {
    std::vector<Option> options;
    std::map<int, Text> cases;
    bool is_used = false;
};

std::map<std::string, Scale> read_scales(fs::path const& folder, Labels const& labels) {
    std::map<std::string, Scale> out;
    Rows const scales{folder, kScales};
    for (auto const& row : scales.rows()) {
        auto& scale = out[scales.filled(row, "scale")];
        Option option{scales.number(row, "option", 1, 99), scales.number_or_none(row, "case", 1, 9), scales.points(row, "points"),
                      scales.number_or_none(row, "min_star", 1, 9), labels.at(scales, row)};
        if (!scale.options.empty() && option.number <= scale.options.back().number) scales.refuse(row, "option", "above the one before");
        scale.options.push_back(std::move(option));
    }
    Rows const cases{folder, kCases};
    for (auto const& row : cases.rows()) {
        auto const found = out.find(cases.filled(row, "scale"));
        if (found == out.end()) cases.refuse(row, "scale", "a scale of scales.csv");
        if (!found->second.cases.emplace(cases.number(row, "case", 1, 9), labels.at(cases, row)).second) cases.refuse(row, "case", "named once");
    }
    for (auto const& row : scales.rows()) {
        auto const& scale = out.at(scales.text(row, "scale"));
        auto const number = scales.number_or_none(row, "case", 1, 9);
        if (scale.cases.empty() ? number != 0 : !scale.cases.contains(number)) scales.refuse(row, "case", "a case of its scale in cases.csv");
    }
    return out;
}

void read_criteria(Rubric& out, fs::path const& folder, Labels const& labels) {
    auto scales = read_scales(folder, labels);
    Rows const rows{folder, kCriteria};
    for (auto const& row : rows.rows()) {
        auto const number = rows.number(row, "set", 1, 999);
        auto const set = std::find_if(out.sets.begin(), out.sets.end(), [&](auto const& s) { return s.number == number; });
        if (set == out.sets.end()) rows.refuse(row, "set", "a set of sets.csv");
        Criterion criterion{rows.filled(row, "code"), rows.filled(row, "part"), rows.points(row, "max"), labels.at(rows, row), {}, {}};
        if (set->find(criterion.code) != nullptr) rows.refuse(row, "code", "one that stands once in its set");
        if (std::none_of(out.parts.begin(), out.parts.end(), [&](auto const& part) { return part.code == criterion.part; }))
            rows.refuse(row, "part", "a part of rubric.toml");
        if (auto const& name = rows.text(row, "scale"); !name.empty()) {
            auto const scale = scales.find(name);
            if (scale == scales.end()) rows.refuse(row, "scale", "a scale of scales.csv");
            criterion.options = scale->second.options;
            criterion.cases = scale->second.cases;
            scale->second.is_used = true;
        }
        set->criteria.push_back(std::move(criterion));
    }
    for (auto const& [name, scale] : scales)
        if (!scale.is_used) throw Error{ErrorKind::invalid_argument, fmt::format("{}: no criterion has the scale {}", kScales, name)};
}

// ------------------------------------------------------------------------------------------------ writing

std::string csv_value(std::string_view text) {
    if (text.find_first_of(",;\"\n\r\t") == std::string_view::npos) return std::string{text};
    std::string out = "\"";
    for (auto const c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

std::string toml_text(std::string_view text) {
    std::string out = "\"";
    for (auto const c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

void write_file(fs::path const& file, std::string const& text) {
    std::ofstream out{file, std::ios::binary};
    out << text;
    out.close();
    if (!out) throw Error{ErrorKind::internal, file.string() + " cannot be written"};
}

std::string head_text(Rubric const& rubric) {
    auto out = fmt::format("version = {}\n", toml_text(rubric.version));
    if (!rubric.document.empty()) out += fmt::format("document = {}\n", toml_text(rubric.document));
    if (!rubric.dated.empty()) out += fmt::format("dated = {}\n", toml_text(rubric.dated));
    out += fmt::format("text = \"{}\"\nstate = \"{}\"\n", rubric.is_official ? "official" : "training", rubric.is_draft ? "draft" : "complete");
    out += fmt::format("\n[council]\nminimum_rule = \"{}\"\n", to_string(rubric.council.minimum_rule));
    if (rubric.council.spread_limit) out += fmt::format("spread_limit = \"{}\"\n", to_points(*rubric.council.spread_limit));
    if (auto const& quorum = rubric.council.quorum) out += fmt::format("quorum = \"{}/{}\"\n", quorum->numerator(), quorum->denominator());
    out += "\n[periods]\n";
    auto const period = [&](char const* key, std::optional<int> value) {
        if (value) out += fmt::format("{} = {}\n", key, *value);
    };
    period("certificate_months", rubric.periods.certificate_months);
    period("renewal_earliest_days", rubric.periods.renewal_earliest_days);
    period("renewal_latest_days", rubric.periods.renewal_latest_days);
    period("renewal_processing_days", rubric.periods.renewal_processing_days);
    period("extension_days", rubric.periods.extension_days);
    period("commune_working_days", rubric.periods.commune_working_days);
    period("withdrawal_days", rubric.periods.withdrawal_days);
    for (auto const& part : rubric.parts) {
        out += fmt::format("\n[[parts]]\npart = {}\nmax = \"{}\"\nvi = {}\n", toml_text(part.code), to_points(part.max), toml_text(part.name.vi));
        if (!part.name.en.empty()) out += fmt::format("en = {}\n", toml_text(part.name.en));
    }
    for (auto const& star : rubric.stars) {
        out += fmt::format("\n[[stars]]\nstar = {}\nfrom = \"{}\"\ncertificate = {}\n", star.star, to_points(star.from), star.is_certified);
        if (!star.decided_by.empty()) out += fmt::format("decided_by = {}\n", toml_text(star.decided_by));
    }
    return out;
}

/// Names for texts and scales that repeat, in the order they are met.
class LabelWriter {
public:
    /// `wanted`: the name it shall have where it has none yet.
    std::string name(Text const& text, std::string const& wanted = {}) {
        auto const [place, is_new] = names_.try_emplace({text.vi, text.en}, wanted.empty() ? fmt::format("l{}", names_.size() + 1) : wanted);
        if (is_new) csv_ += fmt::format("{},{},{}\n", place->second, csv_value(text.vi), csv_value(text.en));
        return place->second;
    }
    std::string const& csv() const { return csv_; }

private:
    std::map<std::pair<std::string, std::string>, std::string> names_;
    std::string csv_ = "label,vi,en\n";
};

std::string number_or_none(int number) { return number == 0 ? std::string{} : std::to_string(number); }

}  // namespace

Rubric load(fs::path const& folder) {
    if (!fs::is_regular_file(folder / kHead)) throw Error{ErrorKind::invalid_argument, fmt::format("{} is no rubric: it has no {}", folder.string(), kHead)};
    Rubric out;
    read_head(out, folder);
    Labels const labels{folder};
    Rows const sets{folder, kSets};
    for (auto const& row : sets.rows()) {
        auto const number = sets.number(row, "set", 1, 999);
        if (std::any_of(out.sets.begin(), out.sets.end(), [&](auto const& set) { return set.number == number; }))
            sets.refuse(row, "set", "a number that stands once");
        out.sets.push_back({number, sets.text(row, "class"), {sets.filled(row, "vi"), sets.text(row, "en")}, {}});
    }
    read_criteria(out, folder, labels);
    Rows const disqualifiers{folder, kDisqualifiers};
    for (auto const& row : disqualifiers.rows()) {
        auto const& code = disqualifiers.text(row, "criterion");
        auto const& set = out.set(disqualifiers.number(row, "set", 1, 999));
        if (!code.empty() && set.find(code) == nullptr) disqualifiers.refuse(row, "criterion", "a criterion of its set");
        out.disqualifiers.push_back({disqualifiers.filled(row, "label"), disqualifiers.filled(row, "kind"), set.number, code, labels.at(disqualifiers, row)});
    }
    labels.refuse_unused();
    return out;
}

fs::path find_folder(fs::path const& rubrics, std::string const& name) {
    if (fs::is_regular_file(fs::path{name} / kHead)) return name;
    std::vector<std::string> versions;
    if (fs::is_directory(rubrics)) {
        for (auto const& entry : fs::directory_iterator{rubrics}) {
            if (!fs::is_regular_file(entry.path() / kHead)) continue;
            Rubric head;
            read_head(head, entry.path());
            if (head.version == name) return entry.path();
            versions.push_back(head.version);
        }
    }
    std::sort(versions.begin(), versions.end());
    throw Error{ErrorKind::not_found, fmt::format("there is no rubric {}; there are {}, or name a folder", name, fmt::join(versions, ", "))};
}

void write(Rubric const& rubric, fs::path const& folder) {
    if (fs::exists(folder) && !fs::is_empty(folder)) throw Error{ErrorKind::conflict, fmt::format("{} has files in it; name a new folder", folder.string())};
    LabelWriter labels;
    std::map<std::string, std::string> scale_names;  // by their rows
    std::string sets = "set,class,vi,en\n", criteria = "set,code,part,max,label,scale\n", scales = "scale,option,case,points,min_star,label\n",
                cases = "scale,case,label\n", disqualifiers = "set,criterion,kind,label\n";
    // First, so that sheets go on naming a reason as before.
    for (auto const& disqualifier : rubric.disqualifiers)
        disqualifiers +=
            fmt::format("{},{},{},{}\n", disqualifier.set, disqualifier.criterion, disqualifier.kind, labels.name(disqualifier.label, disqualifier.id));
    for (auto const& set : rubric.sets) {
        sets += fmt::format("{},{},{},{}\n", set.number, csv_value(set.class_code), csv_value(set.name.vi), csv_value(set.name.en));
        for (auto const& criterion : set.criteria) {
            std::string scale;
            if (!criterion.is_heading()) {
                std::vector<std::string> option_rows, case_rows;
                for (auto const& option : criterion.options)
                    option_rows.push_back(fmt::format("{},{},{},{},{}\n", option.number, number_or_none(option.case_number), to_points(option.points),
                                                      number_or_none(option.min_star), labels.name(option.label)));
                for (auto const& [number, label] : criterion.cases) case_rows.push_back(fmt::format("{},{}\n", number, labels.name(label)));
                auto const [place, is_new] = scale_names.try_emplace(fmt::format("{}/{}", fmt::join(option_rows, ""), fmt::join(case_rows, "")),
                                                                     fmt::format("s{}", scale_names.size() + 1));
                scale = place->second;
                if (is_new) {
                    for (auto const& row : option_rows) scales += fmt::format("{},{}", scale, row);
                    for (auto const& row : case_rows) cases += fmt::format("{},{}", scale, row);
                }
            }
            criteria +=
                fmt::format("{},{},{},{},{},{}\n", set.number, criterion.code, criterion.part, to_points(criterion.max), labels.name(criterion.label), scale);
        }
    }
    fs::create_directories(folder);
    write_file(folder / kHead, head_text(rubric));
    write_file(folder / kSets, sets);
    write_file(folder / kCriteria, criteria);
    write_file(folder / kScales, scales);
    write_file(folder / kCases, cases);
    write_file(folder / kDisqualifiers, disqualifiers);
    write_file(folder / kLabels, labels.csv());
}

}  // namespace programme::grading
