#include "programme/access/access.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace {

using programme::access::Access;
using programme::access::Reach;
using programme::dictionary::Dictionary;
using testing::HasSubstr;

std::filesystem::path const kData = std::filesystem::path{OCOPMAP_SOURCE_DIR} / "data";

std::string refusal(std::string const& csv) {
    try {
        Access::parse(csv, Dictionary::load(kData));
    } catch (gis_core::Error const& error) {
        return error.what();
    }
    return {};
}

TEST(Access, TheListGivesWhatTheProgrammeSays) {
    auto const dictionary = Dictionary::load(kData);
    auto const access = Access::load(kData, dictionary);
    EXPECT_EQ(access.right("producers", "R02").reach, Reach::own);
    EXPECT_TRUE(access.right("producers", "R04").may_write);
    EXPECT_EQ(access.right("producers", "R04").reach, Reach::area);
    EXPECT_EQ(access.right("producers", "R06").reach, Reach::past);
    EXPECT_FALSE(access.right("producers", "R06").may_write);
    EXPECT_TRUE(access.right("dossiers", "R04").only_submitted);  // a draft is its producer's alone
    EXPECT_FALSE(access.right("dossiers", "R02").only_submitted);
    for (auto const* entity : {"dossiers", "evidences", "representatives-private", "producers"}) EXPECT_FALSE(access.right(entity, "R16").may_read()) << entity;
    for (auto const& entity : dictionary.entities()) EXPECT_FALSE(access.right(entity.id, "R01").may_read()) << entity.id;  // the public reads pub
    // Nobody of the historic districts, no auditor and no administrator writes anything.
    for (auto const& entity : dictionary.entities()) {
        for (auto const* role : {"R05", "R06", "R07", "R16", "R17"}) EXPECT_FALSE(access.right(entity.id, role).may_write) << entity.id << role;
    }
}

TEST(Access, PersonalFieldsAreForThoseWhoHandleThem) {
    auto const dictionary = Dictionary::load(kData);
    for (auto const& field : dictionary.fields()) {
        if (field.personal == programme::dictionary::Personal::none) continue;
        for (auto const* role : {"R16", "R17"}) EXPECT_FALSE(programme::access::may_see(field, role)) << field.column << role;
        EXPECT_EQ(programme::access::may_see(field, "R15"), programme::dictionary::is_shape(field)) << field.column;
        if (field.personal != programme::dictionary::Personal::sensitive) continue;
        for (auto const* role : {"R03", "R09", "R10", "R13", "R14"}) EXPECT_FALSE(programme::access::may_see(field, role)) << field.column << role;
        EXPECT_TRUE(programme::access::may_see(field, "R02")) << field.column;
    }
}

TEST(Access, WhoSeesAPersonMaskedSeesNamesAndEndings) {
    using programme::access::Sight;
    auto const dictionary = Dictionary::load(kData);
    auto const access = Access::load(kData, dictionary);
    // The programme's matrix: the advisory team, decision makers and inspectors; nobody else masked, and nobody masked who writes.
    for (auto const& entity : dictionary.entities()) {
        for (auto const* role : {"R02", "R03", "R04", "R05", "R06", "R07", "R08", "R09", "R10", "R11", "R12", "R13", "R14", "R15", "R16", "R17"}) {
            bool const is_person = entity.id == "representatives" || entity.id == "representatives-private";
            bool const wanted = is_person && (role == std::string_view{"R09"} || role == std::string_view{"R13"} || role == std::string_view{"R14"});
            auto const right = access.right(entity.id, role);
            EXPECT_EQ(right.is_masked, wanted) << entity.id << role;
            EXPECT_FALSE(right.is_masked && right.may_write) << entity.id << role;
        }
    }
    std::string full, masked;
    for (auto const* entity : {"representatives", "representatives-private"}) {
        for (auto const* field : dictionary.entity(entity).fields) {
            auto const sight = programme::access::sight(*field, "R13", true);
            if (sight != Sight::none) (sight == Sight::full ? full : masked) += field->column + " ";
        }
    }
    EXPECT_EQ(full, "legal_rep_name legal_rep_position contact_person_name ");
    EXPECT_EQ(masked, "contact_person_phone legal_rep_identity_no ");
}

TEST(Access, AWrongListIsRefusedWithLineAndValue) {
    auto const good = gis_core::io::read_bytes(kData / "access.csv");
    EXPECT_EQ(refusal(good), "");
    auto const with = [&](std::string const& pattern, std::string const& text) {
        return std::regex_replace(good, std::regex{pattern}, text, std::regex_constants::format_first_only);
    };
    EXPECT_THAT(refusal(with("producers,w own", "producers,w everything")), HasSubstr("w everything"));
    EXPECT_THAT(refusal(with("producers,w own", "producers,w past")), HasSubstr("past and assigned are read only"));
    EXPECT_THAT(refusal(with("\nproducers,", "\nproducer,")), HasSubstr("producer"));
    EXPECT_THAT(refusal(with("\nsupports,[^\n]*", "")), HasSubstr("supports"));
    EXPECT_THAT(refusal(with("\ncouncils,-", "\ncouncils,r own")), HasSubstr("councils"));
    auto const line = with("\nsupports,([^\n]*)", "\nsupports,$1\nsupports,$1");
    EXPECT_THAT(refusal(line), HasSubstr("stands twice"));
}

}  // namespace
