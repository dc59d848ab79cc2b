#include "programme/content/markdown.hpp"
#include "tests/integration/api/people.hpp"

#include <gmock/gmock.h>

namespace {

using test_support::Api;
using Json = gis_core::Json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ContentTest : public test_support::WithPeople {
protected:
    Person const editor = person("R08", "86");

    std::vector<std::string> numbers(std::string const& query) {
        std::vector<std::string> found;
        auto const page = api.json("/api/content?kind=legal&limit=100" + query);
        for (auto const& item : page.at("items")) found.push_back(item.at("legal").at("number"));
        return found;
    }
    std::string state_on(std::string const& number, std::string const& day) {
        auto const page = api.json("/api/content?kind=legal&limit=100&at=" + day);
        for (auto const& item : page.at("items")) {
            if (item.at("legal").at("number") == number) return item.at("legal").at("state");
        }
        return "absent";
    }
    Json create(Json const& body) {
        auto const response = send(editor, "POST", "/api/content", body);
        EXPECT_EQ(response.status, 201) << Api::text(response);
        return read(response);
    }
    http::Response move(Json const& item, char const* state) {
        return send(editor, "POST", fmt::format("/api/content/{}/state", item.at("id").get<long long>()), Json{{"state", state}},
                    {{"If-Match", fmt::format("\"{}\"", item.at("version").get<int>())}});
    }
};

/// By the texts themselves: 148 is of 24/02/2023 and was replaced by 26/2026 on 22/05/2026; the circular is in force from 01/06/2024.
TEST_F(ContentTest, ALegalTextIsInForceByItsDays) {
    EXPECT_EQ(state_on("148/QĐ-TTg", "2023-02-23"), "not_yet");
    EXPECT_EQ(state_on("148/QĐ-TTg", "2023-02-24"), "in_force");
    EXPECT_EQ(state_on("148/QĐ-TTg", "2026-05-21"), "in_force");
    EXPECT_EQ(state_on("148/QĐ-TTg", "2026-05-22"), "replaced");
    EXPECT_EQ(state_on("26/2026/QĐ-TTg", "2026-05-21"), "not_yet");
    EXPECT_EQ(state_on("26/2026/QĐ-TTg", "2026-05-22"), "in_force");
    EXPECT_EQ(state_on("1048/QĐ-TTg", "2023-02-23"), "in_force");
    EXPECT_EQ(state_on("1048/QĐ-TTg", "2023-02-24"), "replaced");
    EXPECT_EQ(state_on("02/2024/TT-BKHCN", "2024-05-31"), "not_yet");
    EXPECT_EQ(state_on("02/2024/TT-BKHCN", "2024-06-01"), "in_force");
    auto item = create({{"kind", "legal"},
                        {"title_vi", "Quy chế thử"},
                        {"body_vi", "Nội dung."},
                        {"doc_number", "7/QC"},
                        {"issuer", "UBND tỉnh"},
                        {"issued_on", "2026-01-10"},
                        {"effective_from", "2026-02-01"},
                        {"effective_to", "2026-08-01"}});
    EXPECT_EQ(state_on("7/QC", "2026-03-01"), "absent");  // a draft
    EXPECT_EQ(move(item, "published").status, 200);
    EXPECT_EQ(state_on("7/QC", "2026-01-31"), "not_yet");
    EXPECT_EQ(state_on("7/QC", "2026-07-31"), "in_force");
    EXPECT_EQ(state_on("7/QC", "2026-08-01"), "ended");
}

TEST_F(ContentTest, IsFoundWithoutAccentsByAllItsWords) {
    EXPECT_THAT(numbers("&q=truy%20xuat%20nguon%20goc"), ElementsAre("02/2024/TT-BKHCN"));
    EXPECT_THAT(numbers("&q=TRACEABILITY"), ElementsAre("02/2024/TT-BKHCN"));
    EXPECT_THAT(numbers("&q=91%2F2025"), ElementsAre("91/2025/QH15"));
    EXPECT_THAT(numbers("&q=truy%20xuat%20khong-co-chu-nay"), ElementsAre());
    EXPECT_THAT(numbers("&q=%25"), ElementsAre());  // a sign of LIKE is a sign
    auto const page = api.json("/api/content?kind=legal&limit=3");
    ASSERT_EQ(page.at("items").size(), 3U);
    auto const next = api.json(path_of(page.at("next")));
    EXPECT_NE(next.at("items").at(0).at("id"), page.at("items").at(2).at("id"));
    EXPECT_LE(next.at("items").at(0).at("legal").at("issued_on").get<std::string>(), page.at("items").at(2).at("legal").at("issued_on").get<std::string>());
}

TEST_F(ContentTest, ADraftIsTheEditorsUntilItIsPublishedAndVersionsAreKept) {
    auto item = create({{"kind", "news"}, {"title_vi", "Tin thử"}, {"body_vi", "Bản **một**."}});
    auto const at = fmt::format("/api/content/{}", item.at("id").get<long long>());
    EXPECT_EQ(api.call("GET", at).status, 404);
    for (auto const& stranger : {person("R04", kHere), person("R15", "86"), person("R02", {}, producer(true))}) {
        EXPECT_EQ(send(stranger, "GET", at).status, 404);
        EXPECT_EQ(send(stranger, "POST", "/api/content", Json{{"kind", "news"}, {"title_vi", "Chen vào"}}).status, 403);
        EXPECT_EQ(send(stranger, "GET", "/api/content?state=draft").status, 403);
    }
    EXPECT_EQ(api.call("GET", "/api/content?state=draft").status, 401);
    EXPECT_EQ(get(editor, at).at("state"), "draft");
    auto const write = [&](int version) {
        return send(editor, "PUT", at, Json{{"title_vi", "Tin thử"}, {"body_vi", "Bản **hai**."}}, {{"If-Match", fmt::format("\"{}\"", version)}});
    };
    EXPECT_EQ(write(1).status, 200);
    EXPECT_EQ(write(1).status, 412);
    EXPECT_EQ(move(get(editor, at), "published").status, 200);
    auto const published = api.json(at);
    EXPECT_EQ(published.at("html_vi"), "<p>Bản <strong>hai</strong>.</p>\n");
    auto const history = get(editor, at + "/history").at("items");
    ASSERT_EQ(history.size(), 3U);
    EXPECT_EQ(history.at(2).at("row").at("body_vi"), "Bản **một**.");
    EXPECT_EQ(move(published, "draft").status, 409);
    EXPECT_EQ(move(published, "withdrawn").status, 200);
    EXPECT_EQ(api.call("GET", at).status, 404);
}

TEST_F(ContentTest, AQuestionIsPublishedWithItsAnswer) {
    auto const asked = api.call("POST", "/api/questions", R"({"question": "Phí làm hồ sơ OCOP là bao nhiêu?"})", {{"Content-Type", "application/json"}});
    ASSERT_EQ(asked.status, 201) << Api::text(asked);
    auto const at = fmt::format("/api/content/{}", read(asked).at("id").get<long long>());
    database.execute("SELECT notify.dispatch(1000, false)");
    EXPECT_EQ(get(editor, "/api/notifications").at("items").at(0).at("kind"), "question");
    EXPECT_EQ(api.call("GET", at).status, 404);
    auto item = get(editor, at);
    EXPECT_EQ(move(item, "published").status, 400);  // no answer yet
    item = read(send(editor, "PUT", at, Json{{"title_vi", item.at("title_vi")}, {"body_vi", "Không thu phí."}}, {{"If-Match", "\"1\""}}));
    EXPECT_EQ(move(item, "published").status, 200);
    EXPECT_EQ(api.json("/api/content?kind=question&q=phi%20lam%20ho%20so").at("items").at(0).at("title_vi"), "Phí làm hồ sơ OCOP là bao nhiêu?");
    EXPECT_EQ(api.call("POST", "/api/questions", R"({"question": "ngắn"})", {{"Content-Type", "application/json"}}).status, 400);
    EXPECT_EQ(api.call("POST", "/api/questions", R"({"question": "Một câu hỏi đủ dài?", "website": "x"})", {{"Content-Type", "application/json"}}).status, 400);
}

TEST_F(ContentTest, NamesWhatIsWrong) {
    Json const good{{"kind", "legal"}, {"title_vi", "Văn bản"}, {"body_vi", "x"}, {"doc_number", "1/A"}, {"issuer", "UBND"}, {"issued_on", "2026-01-10"}};
    auto const refused = [&](char const* field, Json const& value, int status = 400) {
        auto body = good;
        body[field] = value;
        auto const response = send(editor, "POST", "/api/content", body);
        EXPECT_EQ(response.status, status) << field << Api::text(response);
        EXPECT_THAT(Api::text(response), HasSubstr(field));
    };
    refused("kind", "poem");
    refused("title_vi", "");
    refused("issued_on", "10/01/2026");
    refused("effective_to", "2026-01-10");
    refused("replaced_by", 999999);
    refused("source_url", "javascript:alert(1)");
    refused("doc_number", "26/2026/qđ-ttg", 409);
    EXPECT_EQ(send(editor, "POST", "/api/content", good).status, 201);
}

/// The dangers of Markdown, each as CommonMark writes it.
TEST(MarkdownTest, LeavesHtmlPicturesAndWrongLinksOut) {
    using programme::content::to_html;
    EXPECT_EQ(to_html("Một **hai** [ba](https://a.vn/?x=1&y=2)"), "<p>Một <strong>hai</strong> <a href=\"https://a.vn/?x=1&amp;y=2\">ba</a></p>\n");
    EXPECT_EQ(to_html("# Đề mục"), "<h2>Đề mục</h2>\n");
    EXPECT_EQ(to_html("![chữ](https://a.vn/b.png) sau"), "<p>chữ sau</p>\n");
    EXPECT_EQ(to_html("![a ![b](x)](y)"), "<p>a b</p>\n");
    EXPECT_EQ(to_html("<a@b.vn>"), "<p><a href=\"mailto:a@b.vn\">a@b.vn</a></p>\n");
    for (auto const* text : {"<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
                             "[x](data:text/html,1)", "[x](//evil.example)", "<javascript:alert(1)>", "[x]: javascript:alert(1)\n\n[x]", "&lt;script&gt;"}) {
        auto const html = to_html(text);
        EXPECT_THAT(html, testing::AllOf(Not(HasSubstr("<script")), Not(HasSubstr("<img")), Not(HasSubstr("href=\"j")), Not(HasSubstr("href=\"J")),
                                         Not(HasSubstr("href=\"d")), Not(HasSubstr("href=\"//")), Not(HasSubstr("onerror"))))
            << text << " → " << html;
    }
    EXPECT_EQ(programme::content::excerpt("## Tựa\n\nMột *hai* ba bốn năm", 15), "Tựa Một hai…");
    EXPECT_EQ(programme::content::excerpt("Ngắn", 15), "Ngắn");
}

}  // namespace
