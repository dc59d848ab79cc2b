#pragma once

#include "gis_core/date.hpp"

#include <optional>
#include <string>
#include <vector>

/// What several documents of the procedure have in common. Plain data, filled by whoever has it; texts are Vietnamese words, never
/// codes ("Hợp tác xã", not "cooperative"). An empty text and an absent day print as dots to be filled in by hand. Times are ISO 8601
/// with their offset (when.hpp), already in the zone they are to be read in.
namespace programme::documents {

using gis_core::Date;

/// The head of a paper.
struct Paper {
    std::string superior_authority;  // "ỦY BAN NHÂN DÂN TỈNH VĨNH LONG"; may be empty
    std::string authority;           // who issues it; for the forms of a producer: the producer
    std::string number;              // "12/BB-HĐ"
    std::string place;               // "Vĩnh Long"
    std::optional<Date> date;
    bool is_draft = false;   // prints DỰ THẢO
    std::string created_at;  // the time in the file's properties; no other clock is read
};

/// One person who signs.
struct Signature {
    std::string on_behalf;  // "TM. HỘI ĐỒNG"; may be empty
    std::string position;   // "CHỦ TỊCH"
    std::string name;
    std::string signed_at;  // in the system; empty: to be signed on paper
    std::string sha256;     // of what was signed there
};

struct Producer {
    std::string producer_name, producer_kind;
    std::string legal_representative, representative_position, representative_gender, representative_ethnicity;
    std::string address, commune_name, province_name, phone, email;
    std::string business_reg_no;
    std::optional<Date> business_reg_date;
};

/// A product and the dossier it is judged by.
struct Product {
    std::string dossier_no, product_no;  // product_no: (tỉnh)-(xã)-(số)-(năm)
    std::string product_name, producer_name, address, commune_name;
    std::string class_code, class_name;  // "I.3.c", "Chế biến từ rau, củ, quả, hạt"
    int set = 0;                         // of the rubric
};

/// The boxes of Mẫu 01: code list registration_kind.
enum class RegistrationKind { first, upgrade, again };

}  // namespace programme::documents
