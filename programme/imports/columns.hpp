#pragma once

#include "gis_core/io/feature_reader.hpp"
#include "programme/access/access.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace programme::imports {

/// A row that another row points at by its external id.
struct Reference {
    std::string column;                // zone_key
    dictionary::Entity const* entity;  // zones
};

/// A row of a file as the REST API would be sent it.
struct SentRow {
    gis_core::Json body;                            // for records::read_values
    std::map<std::string, std::string> references;  // column -> external id
    std::string external_id;
    bool is_blank = true;
};

/// Which column of a file is which field: by the field's name, its label in Vietnamese or English (so the templates' headings), or
/// as renamed. Immutable; made once a file.
class Columns {
public:
    /// renamed: column of the file -> field, or "-" for one that is left out. has_geometry: of the entity's place.
    /// \throws Error(invalid_argument) naming every column that is no field, what stands twice, and what is known.
    Columns(dictionary::Dictionary const& dictionary, dictionary::Entity const& entity, std::string_view role, std::vector<std::string> const& fields,
            std::map<std::string, std::string> const& renamed, bool has_geometry);

    SentRow read(gis_core::io::Feature const& feature) const;
    /// The row's texts by column of the file as a JSON array, without numbers that are kept sealed.
    std::string cells(gis_core::io::Feature const& feature) const;
    /// Columns of the entity's table that the file fills in.
    std::set<std::string> const& written() const { return written_; }
    std::vector<Reference> const& references() const { return references_; }
    std::vector<std::string> const& names() const { return names_; }
    /// The field each column of the file is; empty for none.
    std::vector<std::string> fields() const;

private:
    enum class Role { ignored, external_id, key, reference, field, longitude, latitude };
    struct Column {
        Role role = Role::ignored;
        dictionary::Field const* field = nullptr;
        std::string column;
    };
    Column recognise(dictionary::Dictionary const& dictionary, std::string const& name, std::string_view role);

    dictionary::Entity const& entity_;
    std::vector<std::string> names_;
    std::vector<Column> columns_;
    std::vector<Reference> references_;
    std::set<std::string> written_;
};

/// Headings of the columns that a report adds to the rows of a file; a file that comes back with them is taken.
inline constexpr std::string_view kReportLine = "Dòng trong tệp", kReportReason = "Cần sửa";

}  // namespace programme::imports
