#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The fields of the record, written once: data/dictionary.csv, data/code_lists.csv and data/entities.toml (docs/adr/0007).
namespace programme::dictionary {

/// One text in both languages of the programme.
struct Text {
    std::string vi, en;
};

enum class FieldType { text, integer, decimal, boolean, date, timestamp, enumeration, file, point, multipolygon };
/// Who may see a field at all: everybody; its producer and officials; officials; only who handles personal data.
enum class Visibility { everybody, producer, official, restricted };
enum class Personal { none, personal, sensitive };
/// What a row belongs to: a producer (producer_key, lineage_key), a territory, or the programme.
enum class Scope { producer, unit, programme };

struct Code {
    std::string code;
    Text label;
};

struct CodeList {
    std::string name;
    std::vector<Code> codes;
    Code const* find(std::string_view code) const;
};

struct Field {
    int number = 0;  // 1 to 359: the programme's dictionary; from 360 on: columns beside it
    int group = 0;
    std::string table, column;  // ocop.product, brand_name
    Text label;
    FieldType type = FieldType::text;
    std::string unit;
    CodeList const* list = nullptr;  // of an enumeration
    Visibility visibility = Visibility::official;
    Personal personal = Personal::none;
    std::string source;  // the text of law that asks for it, or "proposal"
    std::string note;
    bool is_required = false;
    bool is_derived = false;  // the database fills it in
    std::size_t line = 0;
};

struct Parent {
    std::string entity, column;
};

struct Entity {
    std::string id, table, key, label_column;
    std::string search_column;  // the label folded and indexed; empty: it is folded when somebody searches
    int group = 0;
    Text title;
    std::optional<Parent> parent;
    Scope scope = Scope::programme;
    std::vector<std::string> derived;  // columns that the database fills in
    std::string dated;                 // the column with the day the row began to count; empty: created_at
    std::string view;                  // where fields stand that are worked out when asked; empty: none
    std::vector<Field const*> fields;  // by number
    std::size_t line = 0;
    Field const* find(std::string_view column) const;
    /// The field that puts a row on the map; nullptr: none.
    Field const* place() const;
};

struct Group {
    int number = 0;
    Text title;
};

/// Immutable once loaded; shared freely between threads.
class Dictionary {
public:
    /// Reads the three lists from data/.
    /// \throws Error(invalid_argument) naming file, line, column or key, and what is allowed.
    static Dictionary load(std::filesystem::path const& data);
    static Dictionary parse(std::string_view fields, std::string_view code_lists, std::string_view entities);

    std::deque<Field> const& fields() const noexcept { return fields_; }
    std::deque<CodeList> const& lists() const noexcept { return lists_; }
    std::deque<Entity> const& entities() const noexcept { return entities_; }
    std::vector<Group> const& groups() const noexcept { return groups_; }
    /// nullptr when there is none.
    Entity const* find(std::string_view id) const;
    CodeList const* find_list(std::string_view name) const;
    /// \throws Error(not_found) naming the entities there are.
    Entity const& entity(std::string_view id) const;

    Dictionary(Dictionary&&) = default;

private:
    Dictionary() = default;
    std::deque<CodeList> lists_;  // deques: entities point at fields, fields at lists
    std::deque<Field> fields_;
    std::deque<Entity> entities_;
    std::vector<Group> groups_;
};

/// The words of the lists: "enum", "public", …
char const* to_string(FieldType type) noexcept;
char const* to_string(Visibility visibility) noexcept;
char const* to_string(Personal personal) noexcept;
char const* to_string(Scope scope) noexcept;

/// A number kept under a key of its own: neither shown nor taken as it is.
bool is_sealed(Field const& field) noexcept;
/// A point or an area.
bool is_shape(Field const& field) noexcept;

/// Columns of every record that the dictionary is silent on: keys, versions, times, origin.
bool is_technical(std::string_view column) noexcept;

/// "đồng", "có hoặc không", "Nháp, Chờ duyệt, Công khai, Ẩn": what may stand in a field, in words.
std::string allowed_values(Field const& field);

/// A JSON Schema (2020-12) of one row, as text.
std::string json_schema(Dictionary const& dictionary, std::string_view entity);

/// docs/reference/dictionary.md: every field by group and table.
std::string reference_page(Dictionary const& dictionary);

}  // namespace programme::dictionary
