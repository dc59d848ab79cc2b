#include "programme/dictionary/dictionary.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "gis_core/text/vietnamese.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

namespace programme::dictionary {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::io::CsvRow;
using gis_core::io::CsvTable;

template <typename E, std::size_t N>
using Words = std::array<std::pair<char const*, E>, N>;

constexpr Words<FieldType, 10> kTypes{{{"text", FieldType::text},
                                       {"integer", FieldType::integer},
                                       {"decimal", FieldType::decimal},
                                       {"boolean", FieldType::boolean},
                                       {"date", FieldType::date},
                                       {"timestamp", FieldType::timestamp},
                                       {"enum", FieldType::enumeration},
                                       {"file", FieldType::file},
                                       {"point", FieldType::point},
                                       {"multipolygon", FieldType::multipolygon}}};
constexpr Words<Visibility, 4> kVisibilities{
    {{"public", Visibility::everybody}, {"producer", Visibility::producer}, {"official", Visibility::official}, {"restricted", Visibility::restricted}}};
constexpr Words<Personal, 3> kPersonal{{{"none", Personal::none}, {"personal", Personal::personal}, {"sensitive", Personal::sensitive}}};
constexpr Words<Scope, 3> kScopes{{{"producer", Scope::producer}, {"unit", Scope::unit}, {"programme", Scope::programme}}};

template <typename E, std::size_t N>
char const* word_of(Words<E, N> const& words, E value) noexcept {
    for (auto const& [word, meaning] : words)
        if (meaning == value) return word;
    return words[0].first;
}

template <typename E, std::size_t N>
E meaning_of(Words<E, N> const& words, std::string_view text, auto&& refuse) {
    std::vector<char const*> allowed;
    for (auto const& [word, meaning] : words) {
        if (text == word) return meaning;
        allowed.push_back(word);
    }
    refuse(fmt::format("one of {}", fmt::join(allowed, ", ")));
    return words[0].second;
}

bool is_word(std::string_view text) {
    return !text.empty() && text[0] >= 'a' && text[0] <= 'z' &&
           std::all_of(text.begin(), text.end(), [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}
bool is_table(std::string_view text) {
    auto const dot = text.find('.');
    return dot != std::string_view::npos && is_word(text.substr(0, dot)) && is_word(text.substr(dot + 1));
}
bool is_id(std::string_view text) {
    std::string words{text};
    std::replace(words.begin(), words.end(), '-', '_');
    return is_word(words) && text.find('_') == std::string_view::npos;
}

/// A value of a list, and where it stands.
class Cell {
public:
    Cell(std::string_view file, CsvTable const& table, CsvRow const& row, char const* column)
        : file_{file}, line_{row.line}, column_{column}, value_{table.at(row, column)} {}
    std::string const& value() const { return value_; }
    [[noreturn]] void refuse(std::string_view allowed) const {
        throw Error{ErrorKind::invalid_argument, fmt::format("{}:{}: {} is '{}', must be {}", file_, line_, column_, value_, allowed)};
    }
    std::string const& text() const {
        if (value_.empty() || value_.front() == ' ' || value_.back() == ' ' || gis_core::text::to_nfc(value_) != value_)
            refuse("a text in NFC without blanks around it");
        return value_;
    }
    int number(int low, int high) const {
        int out = 0;
        auto const [end, error] = std::from_chars(value_.data(), value_.data() + value_.size(), out);
        if (error != std::errc{} || end != value_.data() + value_.size() || out < low || out > high) refuse(fmt::format("a number from {} to {}", low, high));
        return out;
    }
    template <typename E, std::size_t N>
    E word(Words<E, N> const& words) const {
        return meaning_of(words, value_, [this](std::string const& allowed) { refuse(allowed); });
    }

private:
    std::string_view file_;
    std::size_t line_;
    char const* column_;
    std::string const& value_;
};

constexpr char const* kFieldsFile = "dictionary.csv";
constexpr char const* kListsFile = "code_lists.csv";
constexpr char const* kEntitiesFile = "entities.toml";

[[noreturn]] void refuse_node(toml::node const& node, std::string const& what) {
    throw Error{ErrorKind::invalid_argument, fmt::format("{}:{}:{}: {}", kEntitiesFile, node.source().begin.line, node.source().begin.column, what)};
}

std::string text_of(toml::table const& table, char const* key, bool is_optional = false) {
    auto const* node = table.get(key);
    if (node == nullptr) {
        if (is_optional) return {};
        refuse_node(table, fmt::format("{} is missing", key));
    }
    auto text = node->value_exact<std::string>();
    if (!text || text->empty()) refuse_node(*node, fmt::format("{} must be a text", key));
    return *std::move(text);
}
int number_of(toml::table const& table, char const* key) {
    auto const* node = table.get(key);
    if (node == nullptr) refuse_node(table, fmt::format("{} is missing", key));
    auto const number = node->value_exact<std::int64_t>();
    if (!number || *number < 1 || *number > 6) refuse_node(*node, fmt::format("{} must be a number from 1 to 6", key));
    return static_cast<int>(*number);
}
toml::table const& table_of(toml::node const& node, char const* key) {
    if (!node.is_table()) refuse_node(node, fmt::format("{} must be a table", key));
    return *node.as_table();
}
void allow_only(toml::table const& table, std::set<std::string_view> const& known) {
    for (auto const& [key, node] : table)
        if (!known.contains(key.str())) refuse_node(node, fmt::format("unknown key {}, known are {}", key.str(), fmt::join(known, ", ")));
}
Text title_of(toml::table const& table) {
    auto const* node = table.get("title");
    if (node == nullptr) refuse_node(table, "title is missing");
    auto const& title = table_of(*node, "title");
    allow_only(title, {"vi", "en"});
    return {text_of(title, "vi"), text_of(title, "en")};
}
std::string checked(toml::table const& table, char const* key, bool (*is_right)(std::string_view), char const* allowed) {
    auto text = text_of(table, key);
    if (!is_right(text)) refuse_node(*table.get(key), fmt::format("{} is {}, must be {}", key, text, allowed));
    return text;
}

Entity read_entity(toml::table const& table) {
    allow_only(table, {"id", "table", "key", "group", "title", "parent", "label", "search", "scope", "derived", "dated", "view"});
    Entity out;
    out.line = table.source().begin.line;
    out.id = checked(table, "id", is_id, "lower case with hyphens");
    out.table = checked(table, "table", is_table, "schema.table in lower case");
    out.key = checked(table, "key", is_word, "a column in lower case");
    out.label_column = checked(table, "label", is_word, "a column in lower case");
    if (table.contains("search")) out.search_column = checked(table, "search", is_word, "a column in lower case");
    out.group = number_of(table, "group");
    out.title = title_of(table);
    auto const scope = text_of(table, "scope");
    out.scope = meaning_of(kScopes, scope,
                           [&](std::string const& allowed) { refuse_node(*table.get("scope"), fmt::format("scope is {}, must be {}", scope, allowed)); });
    if (auto const* node = table.get("parent")) {
        auto const& parent = table_of(*node, "parent");
        allow_only(parent, {"entity", "column"});
        out.parent = Parent{text_of(parent, "entity"), checked(parent, "column", is_word, "a column in lower case")};
    }
    if (auto const* node = table.get("derived")) {
        if (!node->is_array()) refuse_node(*node, "derived must be a list of columns");
        for (auto const& item : *node->as_array()) {
            auto const column = item.value_exact<std::string>();
            if (!column || !is_word(*column)) refuse_node(item, "derived must be a list of columns");
            out.derived.push_back(*column);
        }
    }
    if (table.contains("dated")) out.dated = checked(table, "dated", is_word, "a column in lower case");
    if (table.contains("view")) out.view = checked(table, "view", is_table, "schema.view in lower case");
    return out;
}

}  // namespace

char const* to_string(FieldType type) noexcept { return word_of(kTypes, type); }
char const* to_string(Visibility visibility) noexcept { return word_of(kVisibilities, visibility); }
char const* to_string(Personal personal) noexcept { return word_of(kPersonal, personal); }
char const* to_string(Scope scope) noexcept { return word_of(kScopes, scope); }

bool is_technical(std::string_view column) noexcept {
    for (auto const* name : {"external_id", "version", "created_at", "updated_at", "retired_at", "is_demo", "source"})
        if (column == name) return true;
    return column.ends_with("_key");
}

Code const* CodeList::find(std::string_view code) const {
    auto const found = std::find_if(codes.begin(), codes.end(), [&](auto const& c) { return c.code == code; });
    return found == codes.end() ? nullptr : &*found;
}
Field const* Entity::find(std::string_view column) const {
    auto const found = std::find_if(fields.begin(), fields.end(), [&](auto const* f) { return f->column == column; });
    return found == fields.end() ? nullptr : *found;
}
Field const* Entity::place() const {
    auto const found = std::find_if(fields.begin(), fields.end(), [&](auto const* f) { return is_shape(*f) && !f->is_derived && f->table == table; });
    return found == fields.end() ? nullptr : *found;
}
bool is_sealed(Field const& field) noexcept { return field.column.ends_with("_identity_no") || field.column.ends_with("_insurance_no"); }
bool is_shape(Field const& field) noexcept { return field.type == FieldType::point || field.type == FieldType::multipolygon; }
Entity const* Dictionary::find(std::string_view id) const {
    auto const found = std::find_if(entities_.begin(), entities_.end(), [&](auto const& e) { return e.id == id; });
    return found == entities_.end() ? nullptr : &*found;
}
CodeList const* Dictionary::find_list(std::string_view name) const {
    auto const found = std::find_if(lists_.begin(), lists_.end(), [&](auto const& l) { return l.name == name; });
    return found == lists_.end() ? nullptr : &*found;
}
Entity const& Dictionary::entity(std::string_view id) const {
    if (auto const* found = find(id)) return *found;
    std::vector<std::string_view> known;
    for (auto const& e : entities_) known.push_back(e.id);
    throw Error{ErrorKind::not_found, fmt::format("there is no entity {}; the entities are {}", id, fmt::join(known, ", "))};
}

Dictionary Dictionary::load(std::filesystem::path const& data) {
    return parse(gis_core::io::read_bytes(data / kFieldsFile), gis_core::io::read_bytes(data / kListsFile), gis_core::io::read_bytes(data / kEntitiesFile));
}

Dictionary Dictionary::parse(std::string_view fields, std::string_view code_lists, std::string_view entities) {
    Dictionary out;
    auto const codes = gis_core::io::parse_csv(code_lists, kListsFile);
    for (auto const& row : codes.rows) {
        auto const cell = [&](char const* column) { return Cell{kListsFile, codes, row, column}; };
        auto const name = cell("list");
        if (!is_word(name.value())) name.refuse("a name in lower case");
        if (out.lists_.empty() || out.lists_.back().name != name.value()) {
            if (out.find_list(name.value()) != nullptr) name.refuse("the list of the line above, or a new one: a list stands together");
            out.lists_.push_back({name.value(), {}});
        }
        auto& list = out.lists_.back();
        auto const code = cell("code");
        if (list.find(code.text()) != nullptr) code.refuse("a code that its list does not have yet");
        auto const vi = cell("label_vi");
        if (std::any_of(list.codes.begin(), list.codes.end(), [&](auto const& c) { return c.label.vi == vi.text(); }))
            vi.refuse("a label that its list does not have yet: people choose by it");
        list.codes.push_back({code.value(), {vi.text(), cell("label_en").text()}});
    }

    toml::table root;
    try {
        root = toml::parse(entities, std::string_view{kEntitiesFile});
    } catch (toml::parse_error const& error) {
        throw Error{ErrorKind::invalid_argument,
                    fmt::format("{}:{}:{}: {}", kEntitiesFile, error.source().begin.line, error.source().begin.column, error.description())};
    }
    allow_only(root, {"group", "entity"});
    auto const each = [&](char const* key, auto&& read) {
        auto const* node = root.get(key);
        if (node == nullptr || !node->is_array()) refuse_node(root, fmt::format("no [[{}]]", key));
        for (auto const& item : *node->as_array()) read(table_of(item, key));
    };
    each("group", [&](toml::table const& table) {
        allow_only(table, {"number", "title"});
        out.groups_.push_back({number_of(table, "number"), title_of(table)});
    });
    std::map<std::string, Entity*, std::less<>> by_table;
    each("entity", [&](toml::table const& table) {
        auto entity = read_entity(table);
        if (out.find(entity.id) != nullptr) refuse_node(*table.get("id"), fmt::format("entity {} stands twice", entity.id));
        if (by_table.contains(entity.table)) refuse_node(*table.get("table"), fmt::format("table {} has an entity already", entity.table));
        if (entity.parent && out.find(entity.parent->entity) == nullptr)
            refuse_node(*table.get("parent"), fmt::format("parent is {}, must be an entity that stands above", entity.parent->entity));
        if (std::none_of(out.groups_.begin(), out.groups_.end(), [&](auto const& g) { return g.number == entity.group; }))
            refuse_node(*table.get("group"), fmt::format("group is {}, must be the number of a [[group]]", entity.group));
        auto& kept = out.entities_.emplace_back(std::move(entity));
        by_table[kept.table] = &kept;
        if (!kept.view.empty()) by_table[kept.view] = &kept;
    });

    auto const table = gis_core::io::parse_csv(fields, kFieldsFile);
    for (auto const& row : table.rows) {
        auto const cell = [&](char const* column) { return Cell{kFieldsFile, table, row, column}; };
        Field field;
        field.line = row.line;
        auto const number = cell("field");
        field.number = number.number(1, 9999);
        if (field.number != static_cast<int>(out.fields_.size()) + 1)
            number.refuse(fmt::format("{}: fields are numbered without a gap", out.fields_.size() + 1));
        auto const in_table = cell("table");
        auto const owner = by_table.find(in_table.value());
        if (owner == by_table.end()) in_table.refuse("the table or view of an entity in entities.toml");
        auto& entity = *owner->second;
        field.table = in_table.value();
        auto const group = cell("group");
        field.group = group.number(1, 6);
        if (field.group != entity.group) group.refuse(fmt::format("{}, the group of {}", entity.group, entity.id));
        auto const column = cell("column");
        field.column = column.value();
        if (!is_word(field.column)) column.refuse("a column in lower case");
        if (entity.find(field.column) != nullptr) column.refuse("a column that its table does not have yet");
        auto const vi = cell("label_vi");
        field.label = {vi.text(), cell("label_en").text()};
        if (std::any_of(entity.fields.begin(), entity.fields.end(), [&](auto const* f) { return f->label.vi == field.label.vi; }))
            vi.refuse("a label that its table does not have yet: it heads a column of the template");
        field.type = cell("type").word(kTypes);
        field.unit = cell("unit").value();
        if (auto const& kinds = field.unit; field.type == FieldType::file && !kinds.empty() && kinds != "picture" && kinds != "picture-pdf" && kinds != "paper")
            cell("unit").refuse("of a file the kinds it may be: picture, picture-pdf, paper, or empty for all");
        auto const list = cell("list");
        if (field.type == FieldType::enumeration) {
            field.list = out.find_list(list.value());
            if (field.list == nullptr) list.refuse("a list of code_lists.csv, since type is enum");
        } else if (!list.value().empty()) {
            list.refuse("empty, since type is not enum");
        }
        field.visibility = cell("visibility").word(kVisibilities);
        auto const personal = cell("personal");
        field.personal = personal.word(kPersonal);
        if (field.personal == Personal::sensitive && field.visibility != Visibility::restricted)
            personal.refuse("none or personal, unless visibility is restricted");
        field.source = cell("source").text();
        field.note = cell("note").value();
        auto const required = cell("required");
        if (!required.value().empty() && required.value() != "yes") required.refuse("yes or empty");
        field.is_required = !required.value().empty();
        field.is_derived = field.table == entity.view || std::find(entity.derived.begin(), entity.derived.end(), field.column) != entity.derived.end();
        entity.fields.push_back(&out.fields_.emplace_back(std::move(field)));
    }
    for (auto const& entity : out.entities_) {
        if (entity.fields.empty())
            throw Error{ErrorKind::invalid_argument, fmt::format("{}:{}: entity {} has no field in {}", kEntitiesFile, entity.line, entity.id, kFieldsFile)};
    }
    return out;
}

std::string allowed_values(Field const& field) {
    switch (field.type) {
    case FieldType::enumeration: {
        std::vector<std::string_view> labels;
        for (auto const& code : field.list->codes) labels.push_back(code.label.vi);
        return fmt::format("{}", fmt::join(labels, "; "));
    }
    case FieldType::text: return "chữ";
    case FieldType::integer: return "số nguyên";
    case FieldType::decimal: return "số";
    case FieldType::boolean: return "Có; Không";
    case FieldType::date: return "ngày";
    case FieldType::timestamp: return "ngày giờ";
    case FieldType::file: return "tệp";
    case FieldType::point: return "điểm: kinh độ, vĩ độ (WGS 84)";
    case FieldType::multipolygon: return "vùng trên bản đồ (WGS 84)";
    }
    return {};
}

std::string reference_page(Dictionary const& dictionary) {
    auto const escaped = [](std::string text) {
        for (auto at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) text.insert(at, 1, '\\');
        return text;
    };
    std::string out = fmt::format(
        "# Từ điển dữ liệu / Data dictionary\n\n"
        "{} fields of {} entities in {} groups, from `data/dictionary.csv`, `data/code_lists.csv` and `data/entities.toml`; this page is made by\n"
        "`ocopmap dictionary docs`. Numbers 1 to 359 are those of the programme's dictionary, ADR 7 says where one lives elsewhere.\n"
        "\\* required; (auto): the database fills it in. Visible to: public, producer (its producer and officials), official, restricted (who handles\n"
        "personal data).\n",
        dictionary.fields().size(), dictionary.entities().size(), dictionary.groups().size());
    for (auto const& group : dictionary.groups()) {
        out += fmt::format("\n## {}. {} / {}\n", group.number, group.title.vi, group.title.en);
        for (auto const& entity : dictionary.entities()) {
            if (entity.group != group.number) continue;
            out += fmt::format(
                "\n### {} / {}: `{}`, `{}`\n\n| No. | Column | Nhãn | Label | Type | Unit or values | Visible to | Source | Note |\n"
                "|---|---|---|---|---|---|---|---|---|\n",
                entity.title.vi, entity.title.en, entity.id, entity.table);
            for (auto const* f : entity.fields) {
                std::string values = f->unit;
                if (f->list != nullptr) {
                    for (auto const& code : f->list->codes) values += fmt::format("{}`{}` {}", values.empty() ? "" : ", ", code.code, code.label.vi);
                }
                out +=
                    fmt::format("| {} | `{}`{}{} | {} | {} | {} | {} | {}{} | {} | {} |\n", f->number,
                                f->table == entity.table ? f->column : f->table + "." + f->column, f->is_required ? " \\*" : "", f->is_derived ? " (auto)" : "",
                                escaped(f->label.vi), escaped(f->label.en), to_string(f->type), escaped(values), to_string(f->visibility),
                                f->personal == Personal::none ? "" : fmt::format(", {}", to_string(f->personal)), escaped(f->source), escaped(f->note));
            }
        }
    }
    return out;
}

}  // namespace programme::dictionary
