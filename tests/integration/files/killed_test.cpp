// A daemon that is killed in the middle of an upload, and goes on.
#include "tests/integration/files/support.hpp"
#include "tests/support/http_client.hpp"

#include <signal.h>

namespace files_test {
namespace {

TEST(FilesKilled, AnUploadSurvivesTheDaemon) {
    test_support::TestDatabase const database{test_support::TestDatabase::From::demo};
    Folder const folder;
    auto const key = [&] {
        gis_core::db::Pool owner{{.conninfo = database.conninfo()}};
        return owner.write([&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
            programme::accounts::add_user(tx, session, {.login = "may.anh", .name = "Máy ảnh", .email = {}, .phone = {}});
            auto const grant = programme::accounts::grant_role(tx, session, "may.anh", {.role = "R08", .unit = "86", .producer = 0, .from = {}, .to = {}, .document = {}});
            auto const account = tx.exec1("UPDATE auth.account SET state = 'active', password_hash = '$argon2id$x' WHERE login = 'may.anh' RETURNING account_key")[0].as<long long>();
            return programme::accounts::make_key(tx, session, account, {.name = "thử", .grant = grant, .scopes = {"read", "write"}, .rate_per_minute = 600, .expires_on = {}});
        });
    }();
    auto const port = std::to_string(test_support::free_port()), url = "http://127.0.0.1:" + port;
    auto const root = test_support::source_dir();
    auto const start = [&] {
        auto daemon = std::make_unique<test_support::Process>(
            std::vector<std::string>{test_support::env("OCOPMAP_TEST_BUILD") + "/api/ocopmap-api", "--database", database.conninfo_as("ocopmap_api"), "--port", port, "--data", root + "/data",
                                     "--web", root + "/web", "--styles", test_support::env("OCOPMAP_TEST_BUILD") + "/share/styles", "--workers", "2"},
            std::vector<std::string>{"OCOPMAP_FILES=" + folder / "store"});
        EXPECT_TRUE(test_support::wait_until(
            [&] {
                try {
                    return test_support::get(url + "/readyz").status == 200;
                } catch (std::exception const&) {
                    return false;
                }
            },
            std::chrono::seconds{60}))
            << daemon->output();
        return daemon;
    };
    auto const file = picture(folder, "PNG", 2000, 1500);
    auto const bytes = bytes_of(file);
    test_support::Headers const by_key{{"Authorization", "Bearer " + key}, {"Tus-Resumable", "1.0.0"}};
    auto const with = [&](test_support::Headers more) {
        more.insert(more.end(), by_key.begin(), by_key.end());
        return more;
    };
    auto daemon = start();
    auto const begun = test_support::request("POST", url + "/api/files/uploads", with({{"Upload-Length", std::to_string(bytes.size())}}));
    ASSERT_EQ(begun.status, 201) << begun.body;
    auto const address = url + begun.header("Location");
    auto const piece = [&](std::size_t from, std::size_t size) {
        return test_support::request("PATCH", address, with({{"Upload-Offset", std::to_string(from)}, {"Content-Type", "application/offset+octet-stream"}}), bytes.substr(from, size));
    };
    auto const half = bytes.size() / 2;
    ASSERT_EQ(piece(0, half).status, 204);
    // In the middle of the next piece: its head and some of its body are there.
    {
        auto const parts = test_support::split_url(address);
        test_support::Connection const connection{url};
        connection.send("PATCH " + parts.target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key + "\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: " + std::to_string(half) +
                        "\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: " + std::to_string(bytes.size() - half) + "\r\n\r\n" + bytes.substr(half, 1000));
        daemon->kill9();
    }
    // What a kill between writing and noting leaves: more bytes than count.
    auto const part = folder / ("store/incoming/" + address.substr(address.rfind('/') + 1) + ".part");
    ASSERT_EQ(fs::file_size(part), half);
    std::ofstream{part, std::ios::binary | std::ios::app} << "torn";

    daemon = start();
    auto const state = test_support::get(address, by_key);
    EXPECT_EQ(state.header("Upload-Offset"), std::to_string(half)) << state.body;
    auto const last = piece(half, bytes.size() - half);
    EXPECT_EQ(last.status, 204) << last.body;
    EXPECT_EQ(last.header("Content-Location"), "/api/files/" + sha256sum(file));
    auto const back = test_support::get(url + "/api/files/" + sha256sum(file), by_key);
    EXPECT_EQ(back.status, 200);
    EXPECT_EQ(back.body, bytes);
    EXPECT_EQ(daemon->stop(), 0);
}

}  // namespace
}  // namespace files_test
