#include "programme/dictionary/template.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace programme::dictionary {
namespace {

constexpr lxw_row_t kLastRow = 10000;  // as far as drop-downs and checks reach
constexpr char const* kLists = "Danh mục";
constexpr char const* kExplained = "Giải thích";

/// A column of the sheet, with what the sheet of explanations says of it.
struct Heading {
    std::string text, note, unit, allowed, source;
    bool is_required = false;
    Field const* field = nullptr;
};

/// Excel's rules for the name of a sheet: 31 characters, none of []:*?/ and backslash.
std::string sheet_name(std::string const& title) {
    std::string out;
    int characters = 0;
    for (auto const c : title) {
        if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U && ++characters > 31) break;
        out += std::string_view{"[]:*?/\\"}.find(c) == std::string_view::npos ? c : ' ';
    }
    return out;
}

std::vector<Heading> headings_of(Dictionary const& dictionary, Entity const& entity) {
    std::vector<Heading> out{
        {.text = "Mã dòng", .note = "mã do nơi gửi đặt; gửi lại cùng mã thì dòng cũ được sửa", .unit = {}, .allowed = "chữ", .source = {}}};
    if (entity.parent && entity.find(entity.parent->column) == nullptr) {
        auto const& parent = dictionary.entity(entity.parent->entity);
        out.push_back({.text = "Mã dòng: " + parent.title.vi,
                       .note = "mã dòng của bản ghi mà dòng này thuộc về",
                       .unit = {},
                       .allowed = "chữ",
                       .source = {},
                       .is_required = true});
    }
    for (auto const* field : entity.fields) {
        if (field->is_derived) continue;
        Heading heading{.text = field->label.vi,
                        .note = field->note,
                        .unit = field->unit,
                        .allowed = allowed_values(*field),
                        .source = field->source == "proposal" ? "đề xuất" : field->source,
                        .is_required = field->is_required,
                        .field = field};
        if (field->type == FieldType::multipolygon) continue;  // comes as a map file
        if (field->type == FieldType::point) {
            auto latitude = heading;
            heading.text += ": kinh độ";
            latitude.text += ": vĩ độ";
            out.push_back(std::move(heading));
            out.push_back(std::move(latitude));
        } else {
            out.push_back(std::move(heading));
        }
    }
    return out;
}

class Workbook {
public:
    explicit Workbook(std::filesystem::path const& file) : file_{file}, book_{workbook_new(file.c_str())} {
        heading_ = workbook_add_format(book_);
        format_set_bold(heading_);
        format_set_text_wrap(heading_);
        format_set_bg_color(heading_, 0xE8EEE4);
        format_set_border(heading_, LXW_BORDER_THIN);
        required_ = workbook_add_format(book_);
        format_set_bold(required_);
        format_set_text_wrap(required_);
        format_set_bg_color(required_, 0xF6DDA8);
        format_set_border(required_, LXW_BORDER_THIN);
        wrapped_ = workbook_add_format(book_);
        format_set_text_wrap(wrapped_);
        format_set_align(wrapped_, LXW_ALIGN_VERTICAL_TOP);
        day_ = format("dd/mm/yyyy");
        moment_ = format("dd/mm/yyyy hh:mm");
        text_ = format("@");  // codes keep their leading zeros
    }
    Workbook(Workbook const&) = delete;
    Workbook& operator=(Workbook const&) = delete;
    ~Workbook() {
        if (book_ != nullptr) workbook_close(book_);
    }

    void fill(Entity const& entity, std::vector<Heading> const& headings) {
        auto* sheet = workbook_add_worksheet(book_, sheet_name(entity.title.vi).c_str());
        auto* explained = workbook_add_worksheet(book_, kExplained);
        lists_ = workbook_add_worksheet(book_, kLists);
        worksheet_freeze_panes(sheet, 1, 1);
        worksheet_set_row(sheet, 0, 48, nullptr);
        lxw_col_t at = 0;
        for (auto const& heading : headings) {
            auto const* field = heading.field;
            auto const type = field == nullptr ? FieldType::text : field->type;
            worksheet_set_column(sheet, at, at, 20,
                                 type == FieldType::date        ? day_
                                 : type == FieldType::timestamp ? moment_
                                 : type == FieldType::text      ? text_
                                                                : nullptr);
            worksheet_write_string(sheet, 0, at, heading.text.c_str(), heading.is_required ? required_ : heading_);
            if (field != nullptr) validate(sheet, at, heading);
            ++at;
        }
        explain(explained, headings);
    }

    void close() {
        auto const done = workbook_close(std::exchange(book_, nullptr));
        if (done != LXW_NO_ERROR)
            throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("{} cannot be written: {}", file_.string(), lxw_strerror(done))};
    }

private:
    lxw_format* format(char const* number_format) {
        auto* out = workbook_add_format(book_);
        format_set_num_format(out, number_format);
        return out;
    }

    /// The values of a drop-down stand on a sheet of their own: inside a rule Excel allows 255 characters.
    std::string range_of(std::string const& name, std::vector<std::string> const& values) {
        auto& range = ranges_[name];
        if (range.empty()) {
            auto const column = static_cast<lxw_col_t>(ranges_.size() - 1);
            worksheet_write_string(lists_, 0, column, name.c_str(), heading_);
            worksheet_set_column(lists_, column, column, 32, nullptr);
            for (std::size_t i = 0; i < values.size(); ++i) worksheet_write_string(lists_, static_cast<lxw_row_t>(i + 1), column, values[i].c_str(), nullptr);
            char letters[LXW_MAX_COL_NAME_LENGTH];
            lxw_col_to_name(letters, column, 1);
            range = fmt::format("='{}'!{}$2:{}${}", kLists, letters, letters, values.size() + 1);
        }
        return range;
    }

    void validate(lxw_worksheet* sheet, lxw_col_t at, Heading const& heading) {
        auto const& field = *heading.field;
        lxw_data_validation rule{};
        rule.ignore_blank = LXW_VALIDATION_ON;
        std::string formula, message = fmt::format("Phải là {}.", field.type == FieldType::enumeration ? "một giá trị trong danh sách" : heading.allowed);
        switch (field.type) {
        case FieldType::enumeration: {
            std::vector<std::string> labels;
            for (auto const& code : field.list->codes) labels.push_back(code.label.vi);
            formula = range_of(field.list->name, labels);
            break;
        }
        case FieldType::boolean: formula = range_of("yes_no", {"Có", "Không"}); break;
        case FieldType::integer:
            rule.validate = LXW_VALIDATION_TYPE_INTEGER;
            rule.criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
            rule.minimum_number = -2147483647;
            rule.maximum_number = 2147483647;
            break;
        case FieldType::decimal:
        case FieldType::point:
            rule.validate = LXW_VALIDATION_TYPE_DECIMAL;
            rule.criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
            rule.maximum_number = field.type == FieldType::point ? 180 : 1e15;
            rule.minimum_number = -rule.maximum_number;
            break;
        case FieldType::date:
        case FieldType::timestamp:
            rule.validate = LXW_VALIDATION_TYPE_DATE;
            rule.criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
            rule.minimum_datetime = {.year = 1900, .month = 1, .day = 1, .hour = 0, .min = 0, .sec = 0};
            rule.maximum_datetime = {.year = 2200, .month = 12, .day = 31, .hour = 0, .min = 0, .sec = 0};
            break;
        case FieldType::text:
        case FieldType::file:
        case FieldType::multipolygon: return;
        }
        if (!formula.empty()) {
            rule.validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
            rule.value_formula = formula.data();
        }
        auto title = std::string{"Giá trị không hợp lệ"};
        rule.error_title = title.data();
        rule.error_message = message.data();
        worksheet_data_validation_range(sheet, 1, at, kLastRow, at, &rule);
    }

    void explain(lxw_worksheet* sheet, std::vector<Heading> const& headings) {
        lxw_col_t column = 0;
        for (auto const& [text, width] : {std::pair{"Cột", 34.0},
                                          {"English", 30.0},
                                          {"Bắt buộc", 10.0},
                                          {"Đơn vị", 14.0},
                                          {"Giá trị cho phép", 50.0},
                                          {"Ghi chú", 50.0},
                                          {"Căn cứ", 36.0}}) {
            worksheet_set_column(sheet, column, column, width, nullptr);
            worksheet_write_string(sheet, 0, column++, text, heading_);
        }
        worksheet_freeze_panes(sheet, 1, 1);
        lxw_row_t row = 1;
        for (auto const& heading : headings) {
            column = 0;
            for (auto const& text : {heading.text, heading.field == nullptr ? std::string{} : heading.field->label.en,
                                     std::string{heading.is_required ? "có" : ""}, heading.unit, heading.allowed, heading.note, heading.source})
                worksheet_write_string(sheet, row, column++, text.c_str(), wrapped_);
            ++row;
        }
    }

    std::filesystem::path file_;
    lxw_workbook* book_;
    lxw_worksheet* lists_ = nullptr;
    lxw_format *heading_, *required_, *wrapped_, *day_, *moment_, *text_;
    std::map<std::string, std::string> ranges_;
};

}  // namespace

void write_template(Dictionary const& dictionary, std::string_view id, std::filesystem::path const& file) {
    auto const& entity = dictionary.entity(id);
    Workbook book{file};
    book.fill(entity, headings_of(dictionary, entity));
    book.close();
}

}  // namespace programme::dictionary
