#include "gis_core/io/csv.hpp"
#include "tests/integration/api/people.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <map>
#include <sstream>

namespace {

using testing::HasSubstr;

/// tests/integration/api/bad_input.jsonl, a case a line: what is asked as whom, the status, the field the answer names, words it says;
/// `kept`: a text that is no harm, and stands in the record as it was sent.
class BadInputTest : public test_support::WithPeople {
protected:
    std::map<std::string, Person> people;
    std::map<std::string, long long> keys;

    std::string filled(std::string text) const {
        for (auto const& [name, key] : keys) {
            for (auto at = text.find(name); at != std::string::npos; at = text.find(name)) {
                bool const is_quoted = at > 0 && text[at - 1] == '"';  // in JSON the key is a number
                text.replace(is_quoted ? at - 1 : at, name.size() + (is_quoted ? 2 : 0), std::to_string(key));
            }
        }
        return text;
    }
    static std::string bytes(std::string const& raw) {
        if (!raw.starts_with("base64:")) return raw;
        std::string out(raw.size(), '\0');
        std::size_t size = 0;
        EXPECT_EQ(sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), raw.data() + 7, raw.size() - 7, nullptr, &size, nullptr,
                                    sodium_base64_VARIANT_ORIGINAL),
                  0);
        out.resize(size);
        return out;
    }
    std::string changes() { return database.value("SELECT count(*) FROM audit.entry WHERE after_hash IS NOT NULL"); }
};

TEST_F(BadInputTest, IsAnsweredCaseByCaseAndLeavesNothingBehind) {
    keys = {{"$HERE", producer(true)}, {"$ELSEWHERE", producer(false)}, {"$PRODUCT", number("SELECT min(product_key) FROM ocop.product")}};
    people = {{"none", {}}, {"R08", person("R08", "86")}, {"R04", person("R04", kHere)}, {"R02", person("R02", {}, keys["$HERE"])}};
    std::istringstream lines{gis_core::io::read_bytes(test_support::source_dir() + "/tests/integration/api/bad_input.jsonl")};
    int cases = 0;
    for (std::string line; std::getline(lines, line); ++cases) {
        auto const one = gis_core::parse_json(line, "bad_input.jsonl");
        SCOPED_TRACE(one.at("name").get<std::string>());
        auto headers = people.at(one.at("as").get<std::string>()).fields;
        std::string body;
        if (one.contains("raw")) body = bytes(one.at("raw").get<std::string>());
        else if (one.contains("body")) body = filled(gis_core::to_text(one.at("body")));
        auto const type = one.value("type", one.contains("raw") || one.contains("body") ? std::string{"application/json"} : std::string{});
        if (!type.empty()) headers.emplace_back("Content-Type", type);
        if (one.contains("headers")) {
            for (auto const& [name, value] : one.at("headers").items()) headers.emplace_back(name, value.get<std::string>());
        }
        auto const before = changes();
        auto const answer = api.call(one.at("method").get<std::string>(), filled(one.at("target").get<std::string>()), body, headers);
        auto const text = test_support::Api::text(answer);
        EXPECT_EQ(answer.status, one.at("status").get<int>()) << text.substr(0, 400);
        if (answer.status < 300 && one.contains("kept")) {
            EXPECT_EQ(read(answer).at("name"), one.at("kept"));
            auto const stored =
                database.query("SELECT name, (SELECT count(*) FROM ocop.product) > 0 FROM ocop.product ORDER BY product_key DESC LIMIT 1").at(0);
            EXPECT_EQ(stored[0], one.at("kept").get<std::string>());
            continue;
        }
        EXPECT_EQ(changes(), before);
        auto const problem = read(answer);
        EXPECT_TRUE(problem.at("type").get<std::string>().starts_with("/problems/")) << text;
        if (one.contains("field")) {
            bool found = false;
            if (problem.contains("errors")) {
                for (auto const& error : problem.at("errors")) found = found || error.at("field") == one.at("field");
            }
            EXPECT_TRUE(found) << one.at("field") << " in " << text.substr(0, 400);
        }
        if (one.contains("says")) {
            EXPECT_THAT(text, HasSubstr(one.at("says").get<std::string>()));
        }
        for (auto const* word : {"SELECT", "pqxx", "SQLSTATE", "/work", "exception"})
            EXPECT_THAT(problem.at("detail").get<std::string>(), testing::Not(HasSubstr(word)));
    }
    EXPECT_GE(cases, 100);
}

}  // namespace
