#include "programme/documents/from_json.hpp"

#include "gis_core/error.hpp"
#include "programme/documents/bundle_list.hpp"
#include "programme/documents/decision.hpp"
#include "programme/documents/dossier_forms.hpp"
#include "programme/documents/minutes.hpp"
#include "programme/documents/score_sheet.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <climits>
#include <functional>

namespace programme::documents {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::invalid_field;
using gis_core::Json;

// Which fields a struct has, once, in the order of the header.

template <typename V>
void fields(V& v, Paper& s) {
    v("superior_authority", s.superior_authority), v("authority", s.authority), v("number", s.number), v("place", s.place), v("date", s.date);
    v("is_draft", s.is_draft), v("created_at", s.created_at);
}
template <typename V>
void fields(V& v, Signature& s) {
    v("on_behalf", s.on_behalf), v("position", s.position), v("name", s.name), v("signed_at", s.signed_at), v("sha256", s.sha256);
}
template <typename V>
void fields(V& v, Producer& s) {
    v("producer_name", s.producer_name), v("producer_kind", s.producer_kind), v("legal_representative", s.legal_representative);
    v("representative_position", s.representative_position), v("representative_gender", s.representative_gender);
    v("representative_ethnicity", s.representative_ethnicity), v("address", s.address), v("commune_name", s.commune_name);
    v("province_name", s.province_name), v("phone", s.phone), v("email", s.email), v("business_reg_no", s.business_reg_no);
    v("business_reg_date", s.business_reg_date);
}
template <typename V>
void fields(V& v, Product& s) {
    v("dossier_no", s.dossier_no), v("product_no", s.product_no), v("product_name", s.product_name), v("producer_name", s.producer_name);
    v("address", s.address), v("commune_name", s.commune_name), v("class_code", s.class_code), v("class_name", s.class_name), v("set", s.set);
}
template <typename V>
void fields(V& v, Receipt& s) {
    v("authority", s.authority), v("receipt_no", s.receipt_no), v("received_on", s.received_on), v("received_by", s.received_by);
}
template <typename V>
void fields(V& v, Registration& s) {
    v("paper", s.paper), v("producer", s.producer), v("product", s.product), v("registration_kind", s.registration_kind);
    v("previous_certificate_no", s.previous_certificate_no), v("attachments", s.attachments), v("sample_quantity", s.sample_quantity);
    v("signature", s.signature), v("receipts", s.receipts);
}
template <typename V>
void fields(V& v, HeldPaper& s) {
    v("name", s.name), v("document_no", s.document_no), v("is_held", s.is_held);
}
template <typename V>
void fields(V& v, BusinessResult& s) {
    v("indicator", s.indicator), v("year_before_last", s.year_before_last), v("last_year", s.last_year);
}
template <typename V>
void fields(V& v, Evidence& s) {
    v("evidence_kind", s.evidence_kind), v("name", s.name), v("criterion_code", s.criterion_code), v("issued_by", s.issued_by), v("valid_to", s.valid_to);
    v("file_name", s.file_name), v("sha256", s.sha256);
}
template <typename V>
void fields(V& v, SelfAssessment& s) {
    v("paper", s.paper), v("producer", s.producer), v("product", s.product), v("papers", s.papers), v("history_note", s.history_note);
    v("organisation_note", s.organisation_note), v("business_result_note", s.business_result_note), v("results", s.results), v("sheet", s.sheet);
    v("evidence_notes", s.evidence_notes), v("evidence", s.evidence), v("business_plan_note", s.business_plan_note), v("signature", s.signature);
}
template <typename V>
void fields(V& v, CommuneReport& s) {
    v("paper", s.paper), v("product", s.product), v("producer", s.producer), v("received_on", s.received_on);
    v("commune_material_opinion", s.commune_material_opinion), v("commune_labour_opinion", s.commune_labour_opinion);
    v("commune_idea_opinion", s.commune_idea_opinion), v("commune_identity_opinion", s.commune_identity_opinion), v("is_proposed", s.is_proposed);
    v("proposal_note", s.proposal_note), v("signature", s.signature), v("recipients", s.recipients);
}
template <typename V>
void fields(V& v, CommuneMeeting& s) {
    v("paper", s.paper), v("product", s.product), v("held_on", s.held_on), v("place", s.place), v("chair", s.chair), v("present", s.present),
        v("notes", s.notes);
}
template <typename V>
void fields(V& v, NamedCondition& s) {
    v("vi", s.vi), v("reason", s.reason);
}
template <typename V>
void fields(V& v, ScoreSheet& s) {
    v("paper", s.paper), v("council_name", s.council_name), v("product", s.product), v("score_round", s.score_round), v("member_agency", s.member_agency);
    v("member_role", s.member_role), v("sheet", s.sheet), v("comments", s.comments), v("conditions", s.conditions), v("overall_comment", s.overall_comment),
        v("signature", s.signature);
}
template <typename V>
void fields(V& v, CouncilMember& s) {
    v("name", s.name), v("agency", s.agency), v("role", s.role), v("is_present", s.is_present), v("absence_reason", s.absence_reason);
}
template <typename V>
void fields(V& v, Conflict& s) {
    v("member", s.member), v("product_name", s.product_name), v("reason", s.reason);
}
template <typename V>
void fields(V& v, ScoringRound& s) {
    v("score_round", s.score_round), v("reason", s.reason), v("evaluation", s.grade);
}
template <typename V>
void fields(V& v, JudgedProduct& s) {
    v("product", s.product), v.set = s.product.set, v("rounds", s.rounds), v("discussion", s.discussion);
}
template <typename V>
void fields(V& v, Minutes& s) {
    v("paper", s.paper), v("council_name", s.council_name), v("council_decision_no", s.council_decision_no);
    v("council_decision_date", s.council_decision_date), v("evaluation_batch", s.evaluation_batch), v("session_place", s.session_place);
    v("session_mode", s.session_mode), v("started_at", s.started_at), v("ended_at", s.ended_at), v("members", s.members), v("guests", s.guests);
    v("conflicts", s.conflicts), v("spread_limit", s.spread_limit, grading::parse_decimal, R"(points as text: "10", "7.5")");
    v("quorum", s.quorum, grading::parse_share, R"(a share such as "3/4")"), v("products", s.products), v("conclusion", s.conclusion);
    v("secretary", s.secretary), v("chair", s.chair);
}
template <typename V>
void fields(V& v, RecognisedProduct& s) {
    std::optional<grading::Exact> mean_total;
    v("product", s.product), v("mean_total", mean_total, grading::parse_decimal, R"(points as text: "87.5")"), v("star", s.star);
    v("certificate_serial", s.certificate_serial), v("valid_to", s.valid_to);
    if (!mean_total) throw invalid_field(v.path("mean_total"), "missing", R"(points as text: "87.5")");
    s.mean_total = *mean_total;
}
template <typename V>
void fields(V& v, Decision& s) {
    v("paper", s.paper), v("decided_by", s.decided_by), v("evaluation_batch", s.evaluation_batch), v("legal_bases", s.legal_bases);
    v("minutes_no", s.minutes_no), v("proposed_by", s.proposed_by), v("minutes_date", s.minutes_date), v("products", s.products);
    v("responsible", s.responsible), v("signature", s.signature), v("recipients", s.recipients);
}
template <typename V>
void fields(V& v, Certificate& s) {
    v("paper", s.paper), v("product", s.product), v("star", s.star), v("certificate_serial", s.certificate_serial), v("decision_no", s.decision_no);
    v("decision_date", s.decision_date), v("valid_to", s.valid_to), v("verify_url", s.verify_url), v("signature", s.signature);
}
template <typename V>
void fields(V& v, BundleFile& s) {
    v("name", s.name), v("note", s.note), v("bytes", s.bytes), v("sha256", s.sha256);
}
template <typename V>
void fields(V& v, BundleList& s) {
    v("paper", s.paper), v("product", s.product), v("files", s.files), v("signature", s.signature);
}

/// Takes the fields of one object; what nobody asked for is refused, so that a slip in a name does not leave a line of dots.
class Reader {
public:
    Reader(Json const& json, std::string where, grading::Rubric const& rubric, int of_set)
        : set{of_set}, json_{json}, where_{std::move(where)}, rubric_{rubric} {
        if (!json.is_object()) throw invalid_field(where_.empty() ? "the input" : where_, gis_core::to_text(json), "an object");
    }

    void operator()(char const* key, auto& value) {
        if (auto const* found = take(key)) read(path(key), *found, value);
    }
    void operator()(char const* key, std::optional<grading::Exact>& value, std::optional<grading::Exact> (*parse)(std::string_view), char const* allowed) {
        auto const* found = take(key);
        if (found == nullptr) return;
        if (found->is_string()) value = parse(found->get<std::string>());
        if (!value) throw invalid_field(path(key), gis_core::to_text(*found), allowed);
    }

    void refuse_unknown() const {
        for (auto const& [key, value] : json_.items())
            if (std::find(known_.begin(), known_.end(), key) == known_.end())
                throw invalid_field(path(key), "unknown", fmt::format("{}", fmt::join(known_, ", ")));
    }

    std::string path(std::string_view key) const { return where_.empty() ? std::string{key} : fmt::format("{}.{}", where_, key); }

    int set;  // of the product whose sheets come next

private:
    Json const* take(char const* key) {
        known_.emplace_back(key);
        auto const found = json_.find(key);
        return found == json_.end() || found->is_null() ? nullptr : &*found;
    }

    static void read(std::string const& at, Json const& from, std::string& to) {
        if (!from.is_string()) throw invalid_field(at, gis_core::to_text(from), "a text");
        to = from.get<std::string>();
    }
    static void read(std::string const& at, Json const& from, bool& to) {
        if (!from.is_boolean()) throw invalid_field(at, gis_core::to_text(from), "true or false");
        to = from.get<bool>();
    }
    template <typename Number>
    requires std::is_integral_v<Number>
    static void read(std::string const& at, Json const& from, Number& to) {
        constexpr auto kMost = sizeof(Number) > 4 ? std::int64_t{1} << 53 : std::int64_t{INT_MAX};
        if (!from.is_number_integer() || from < 0 || from > kMost)
            throw invalid_field(at, gis_core::to_text(from), fmt::format("a whole number, 0 to {}", kMost));
        to = from.get<Number>();
    }
    static void read(std::string const& at, Json const& from, Date& to) {
        std::string text;
        read(at, from, text);
        to = Date::from_field(at, text);
    }
    static void read(std::string const& at, Json const& from, RegistrationKind& to) {
        if (from == "first") to = RegistrationKind::first;
        else if (from == "upgrade") to = RegistrationKind::upgrade;
        else if (from == "again") to = RegistrationKind::again;
        else throw invalid_field(at, gis_core::to_text(from), "first, upgrade or again");
    }
    static void read(std::string const& at, Json const& from, std::map<std::string, std::string>& to) {
        if (!from.is_object()) throw invalid_field(at, gis_core::to_text(from), "an object of texts");
        for (auto const& [key, value] : from.items()) read(at + "." + key, value, to[key]);
    }
    static void read(std::string const& at, Json const& from, grading::Sheet& to) {
        try {
            to = grading::to_evaluation({{"members", Json::array({from})}}).sheets.front();
        } catch (Error const& error) {
            throw Error{error.kind(), fmt::format("{}: {}", at, error.what())};
        }
    }
    void read(std::string const& at, Json const& from, grading::Grade& to) {
        try {
            to = grading::grade(rubric_, set, grading::to_evaluation(from));
        } catch (Error const& error) {
            throw Error{error.kind(), fmt::format("{}: {}", at, error.what())};
        }
    }
    template <typename Value>
    void read(std::string const& at, Json const& from, std::optional<Value>& to) {
        read(at, from, to.emplace());
    }
    template <typename Value>
    void read(std::string const& at, Json const& from, std::vector<Value>& to) {
        if (!from.is_array()) throw invalid_field(at, gis_core::to_text(from), "a list");
        for (auto const& each : from) {
            auto const where = fmt::format("{}[{}]", at, to.size());
            read(where, each, to.emplace_back());
        }
    }
    template <typename Struct>
    requires std::is_class_v<Struct>
    void read(std::string const& at, Json const& from, Struct& to) {
        Reader inner{from, at, rubric_, set};
        fields(inner, to);
        inner.refuse_unknown();
    }

    Json const& json_;
    std::string where_;
    grading::Rubric const& rubric_;
    std::vector<std::string> known_;
};

template <typename Struct>
Struct read_as(Json const& json, grading::Rubric const& rubric) {
    Struct out;
    Reader reader{json, {}, rubric, 0};
    fields(reader, out);
    reader.refuse_unknown();
    return out;
}

struct Kind {
    char const* name;
    Document (*make)(Json const& json, grading::Rubric const& rubric);
};

template <typename Struct, Document (*Make)(Struct const&, grading::Rubric const&)>
Document made(Json const& json, grading::Rubric const& rubric) {
    return Make(read_as<Struct>(json, rubric), rubric);
}

constexpr Kind kKinds[] = {
    {"registration", made<Registration, registration>},
    {"self-assessment", made<SelfAssessment, self_assessment>},
    {"commune-report", made<CommuneReport, commune_report>},
    {"commune-meeting", made<CommuneMeeting, commune_meeting>},
    {"score-sheet", made<ScoreSheet, score_sheet>},
    {"minutes", made<Minutes, minutes>},
    {"ranking", made<Minutes, ranking>},
    {"decision", made<Decision, decision>},
    {"product-list", made<Decision, product_list>},
    {"certificate", made<Certificate, certificate>},
    {"bundle-list", [](Json const& json, grading::Rubric const& rubric) { return bundle_list(read_as<BundleList>(json, rubric)); }},
};

}  // namespace

std::vector<std::string> kinds() {
    std::vector<std::string> out;
    for (auto const& kind : kKinds) out.emplace_back(kind.name);
    return out;
}

Document from_json(std::string_view kind, Json const& json, grading::Rubric const& rubric) {
    for (auto const& known : kKinds)
        if (kind == known.name) return known.make(json, rubric);
    throw invalid_field("kind", kind, fmt::format("{}", fmt::join(kinds(), ", ")));
}

}  // namespace programme::documents
