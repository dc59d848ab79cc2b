#pragma once

#include "programme/records/records.hpp"

#include <functional>
#include <string>
#include <string_view>

/// What a person may ask of who keeps data about them (Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15): a copy, and erasure.
namespace programme::records {

/// Every row of a producer that the transaction's role reaches, entity by entity, as one JSON object given in parts.
void copy_of_producer(pqxx::transaction_base& tx, dictionary::Dictionary const& dictionary, access::Access const& access, std::string const& role,
                      std::int64_t producer, accounts::Vault const* vault, std::function<void(std::string_view)> const& write);

/// What was taken out of a row.
struct Erased {
    std::vector<std::string> columns;
    std::int64_t older_versions = 0;  // that lost them as well
};

/// Empties the personal fields of a row and of its older versions; for the owner of the database, once somebody has decided
/// that the law allows it. Names that must stand become "(đã xóa)".
/// \throws gis_core::Error(not_found); (conflict) while the producer holds a certificate or has a dossier under way, whose papers name the person;
///         (invalid_argument) for an entity without personal fields, or a reason of less than 10 characters.
Erased erase_person(pqxx::transaction_base& tx, dictionary::Entity const& entity, std::int64_t key, std::string const& reason);

}  // namespace programme::records
