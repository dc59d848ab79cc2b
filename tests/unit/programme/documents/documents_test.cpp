// What read_back.py cannot see from outside: single functions, sums over all cards, threads.
#include "gis_core/error.hpp"
#include "programme/documents/compose.hpp"
#include "programme/documents/docx.hpp"
#include "programme/documents/pdf.hpp"
#include "programme/documents/score_table.hpp"
#include "programme/documents/when.hpp"
#include "tests/unit/programme/grading/sheets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace programme::documents {
namespace {

Document letter(std::string words, int paragraphs = 3) {
    Paper paper;
    paper.authority = "ỦY BAN NHÂN DÂN XÃ GIỒNG TRÔM";
    paper.created_at = "2026-11-29T14:20:00+07:00";
    auto out = compose::start(paper, "Thư", "", nullptr);
    out.blocks.push_back(compose::letterhead(paper));
    for (int i = 0; i < paragraphs; ++i) out.blocks.push_back(compose::text(Style::body, words));
    return out;
}

TEST(PrintableTest, KeepsWordsAndDropsWhatIsNone) {
    EXPECT_EQ(printable("Bến Tre"), "Bến Tre");
    EXPECT_EQ(printable("Be\xCC\x82\xCC\x81n"), "B\xE1\xBA\xBFn");          // decomposed → ế
    EXPECT_EQ(printable("a\tb\r\nc\xE2\x80\xA8"), "a b\nc\n");              // tab, CRLF, line separator
    EXPECT_EQ(printable(std::string_view{"\0\x01\x1B[1m\x7F", 7}), "[1m");  // controls
    EXPECT_EQ(printable("\xE2\x80\xAE"
                        "abc\xE2\x80\xAC\xE2\x81\xA6"
                        "d\xE2\x81\xA9"),
              "abcd");  // U+202E, U+202C, U+2066, U+2069
    EXPECT_EQ(printable("\xEF\xBF\xBF"
                        "x\xEF\xB7\x90"),
              "x");                                  // no characters
    EXPECT_EQ(printable("\xC3("), "\xEF\xBF\xBD(");  // bad UTF-8
    EXPECT_EQ(printable("<b>&amp;"), "<b>&amp;");
}

TEST(WhenTest, SaysDaysAndTimesTheVietnameseWay) {
    EXPECT_EQ(day_in_words(Date::parse("2026-02-05")), "ngày 05 tháng 02 năm 2026");
    EXPECT_EQ(day_in_words(Date::parse("2026-03-15")), "ngày 15 tháng 3 năm 2026");  // Nghị định 30/2020/NĐ-CP: no zero from March on
    EXPECT_EQ(day_in_words({}), "ngày …… tháng …… năm ………");
    EXPECT_EQ(shown_time("at", "2026-11-29T07:05:59Z"), "07:05 ngày 29/11/2026");
    EXPECT_EQ(shown_time("at", ""), "");
    for (auto const* bad : {"2026-11-29", "2026-11-29T14:20:00", "2026-02-30T14:20:00Z", "2026-11-29T24:00:00Z", "2026-11-29 14:20:00+07:00", "now"})
        EXPECT_THROW(shown_time("at", bad), gis_core::Error) << bad;
}

TEST(ScoreTableTest, SumsAreThoseOfGradingInEverySetAndCase) {
    for (auto const& set : sheets::shipped().sets) {
        for (auto const of_dossier : {1, 2}) {
            for (auto const& sheet : {sheets::best(set, "member 1", of_dossier), sheets::lowest(set, "member 1", of_dossier)}) {
                auto const scored = score_table(sheets::shipped(), set, sheet, {}, "Nhận xét", true);
                auto const grade = grading::grade(sheets::shipped(), set.number, {{sheet}, {}, {}});
                EXPECT_EQ(scored.total, grade.mean_total) << set.number;
                EXPECT_EQ(scored.parts, grade.parts) << set.number;
                EXPECT_EQ(scored.answered, scored.asked);
            }
        }
    }
}

TEST(WriterTest, BytesDoNotDependOnWhatWasWrittenBeforeNorOnThreads) {
    auto const pdf = to_pdf(letter("Kính gửi bà con", 40)), docx = to_docx(letter("Kính gửi bà con", 40));
    to_pdf(letter("Chữ khác hẳn: ĂÂĐÊÔƠƯ 0123456789 ☐☒"));
    std::vector<std::string> same(8);
    {
        std::vector<std::jthread> threads;
        for (auto& bytes : same) threads.emplace_back([&] { bytes = to_pdf(letter("Kính gửi bà con", 40)); });
    }
    EXPECT_THAT(same, testing::Each(pdf));
    EXPECT_EQ(to_docx(letter("Kính gửi bà con", 40)), docx);
    EXPECT_NE(to_pdf(letter("Kính gửi bà  con", 40)), pdf);
}

TEST(WriterTest, TheTimeOfTheFileIsGivenOrRefused) {
    auto document = letter("x");
    for (auto const* bad : {"", "2026-11-29", "today"}) {
        document.created_at = bad;
        EXPECT_THROW(to_pdf(document), gis_core::Error) << bad;
        EXPECT_THROW(to_docx(document), gis_core::Error) << bad;
    }
}

}  // namespace
}  // namespace programme::documents
