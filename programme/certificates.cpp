#include "programme/certificates.hpp"

#include "gis_core/db/pool.hpp"
#include "programme/parameters.hpp"
#include "programme/sql/statements.hpp"
#include "programme/typed.hpp"

namespace programme {

std::vector<Certificate> find_certificates(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view serial, gis_core::Date at) {
    constexpr std::size_t kLongest = 100;
    std::vector<Certificate> found;
    for (auto const& row : execute(tx, session, sql::certificates_by_serial, Parameters{}.text(typed_text("serial", serial, 1, kLongest)))) {
        Certificate certificate;
        certificate.id = row["certificate_key"].as<long long>();
        certificate.serial = row["certificate_serial"].as<std::string>();
        certificate.slug = row["slug"].as<std::string>();
        certificate.state = row["state"].as<std::string>();
        certificate.is_extended = row["is_extended"].as<bool>();
        if (!row["star"].is_null()) certificate.star = row["star"].as<int>();
        certificate.decision_no = text_or_empty(row, "decision_no");
        certificate.decided_by = text_or_empty(row, "decided_by");
        certificate.issued_on = row["issued_on"].as<std::string>();
        certificate.valid_to = row["valid_to"].as<std::string>();
        certificate.original_valid_to = text_or_empty(row, "original_valid_to");
        certificate.revoked_on = text_or_empty(row, "revoked_on");
        certificate.revocation_decision_no = text_or_empty(row, "revocation_decision_no");
        certificate.revocation_reason_code = text_or_empty(row, "revocation_reason_code");
        certificate.newer_serial = text_or_empty(row, "newer_serial");
        certificate.newer_slug = text_or_empty(row, "newer_slug");
        certificate.product = find_product(tx, session, row["product_key"].as<long long>(), at);
        found.push_back(std::move(certificate));
    }
    return found;
}

}  // namespace programme
