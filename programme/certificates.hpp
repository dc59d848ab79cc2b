#pragma once

#include "programme/products.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace programme {

/// A certificate as it stands on a day, with the product it was given to.
struct Certificate {
    long long id = 0;
    std::string serial, slug;  // slug: the number as it stands in an address
    std::string state;         // valid, expiring, expired, revoked
    bool is_extended = false;  // in force only because its end was moved for a time
    std::optional<int> star;   // while in force
    std::string decision_no, decided_by, issued_on, valid_to, original_valid_to, revoked_on, revocation_decision_no, revocation_reason_code;
    std::optional<ProductDetail> product;  // while the product is public
    std::string newer_serial, newer_slug;  // of another certificate of the product that is in force, where this one is not
    bool is_in_force() const { return state == "valid" || state == "expiring"; }
};

/// Those whose number this is, whatever case, accents, blanks and hyphens it is typed with; usually one. What is written just so comes first.
/// \throws gis_core::Error(invalid_argument) for a number of no or more than 100 characters.
std::vector<Certificate> find_certificates(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view serial, gis_core::Date at);

}  // namespace programme
