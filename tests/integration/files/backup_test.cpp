// The whole record saved and brought back, compared by PostgreSQL and coreutils.
#include "tests/integration/files/support.hpp"

namespace files_test {
namespace {

/// Count and hash of every table, worked out by another way than the program does: rows as JSON, put in order.
std::vector<std::vector<std::string>> tables(test_support::TestDatabase const& database) {
    std::vector<std::vector<std::string>> out;
    for (auto const& row : database.query("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('geo', 'ocop', 'trace', 'auth', 'files', 'audit', 'tile') "
                                          "AND format('%s.%s', schemaname, tablename) NOT IN ('audit.commit', 'audit.entry', 'tile.change', 'tile.node', 'tile.epoch') ORDER BY 1")) {
        auto const sum = database.query("SELECT count(*), md5(string_agg(md5(to_jsonb(t)::text), '' ORDER BY md5(to_jsonb(t)::text))) FROM " + row[0] + " t");
        out.push_back({row[0], sum[0][0], sum[0][1]});
    }
    return out;
}

class BackupTest : public FilesTest {
protected:
    test_support::Finished ocopmap(test_support::TestDatabase const& at, std::string const& files, std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {test_support::cli(), "--database", at.conninfo(), "--home", test_support::source_dir()});
        return test_support::run(arguments, {"OCOPMAP_FILES=" + files});
    }
    /// A database with nothing in it.
    static void empty(test_support::TestDatabase const& at) {
        at.execute("SET client_min_messages = warning; DO $$ DECLARE s text; BEGIN FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' "
                   "LOOP EXECUTE format('DROP SCHEMA %I CASCADE', s); END LOOP; END $$; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC");
    }
};

TEST_F(BackupTest, WhatIsSavedComesBackWholeIntoAnEmptyState) {
    adopt_files_of_demo();
    auto const who = owner_of(producer(0));
    auto const file = picture(folder, "JPEG", 640, 480);
    put_exif(file, 106.4, 10.2, "2026:11:20 08:30:15");
    auto const photo = stored(who, file);
    ASSERT_EQ(name_in(who, product_of(producer(0)), {{"photo_file", photo}}).status, 200);
    auto const anchor = folder / "anchor";
    ASSERT_EQ(ocopmap(database, store(), {"audit", "seal"}).exit_code, 0);
    ASSERT_EQ(ocopmap(database, store(), {"verify", "audit", "--anchor", anchor}).exit_code, 0);
    database.execute("UPDATE ocop.product SET description = 'chưa niêm' WHERE product_key = 1");  // not sealed yet
    auto const epoch = std::stoll(database.value("SELECT epoch FROM tile.epoch"));
    auto const before = tables(database);

    auto const saved = folder / "saved";
    auto const made = ocopmap(database, store(), {"backup", saved});
    ASSERT_EQ(made.exit_code, 0) << made.output;
    auto const contents = std::stoi(database.value("SELECT count(*) FROM (SELECT sha256 FROM files.file UNION SELECT stored_sha256 FROM files.copy) c"));
    EXPECT_THAT(made.output, HasSubstr(fmt::format("{} stored files", contents)));
    EXPECT_EQ(fs::status(saved).permissions() & fs::perms::all, fs::perms::owner_all);
    EXPECT_EQ(ocopmap(database, store(), {"backup", saved}).exit_code, 3) << "the folder holds one already";
    EXPECT_EQ(tables(database), before) << "saving changes nothing";

    test_support::TestDatabase const other;
    auto const other_store = folder / "other store";
    auto const refused = ocopmap(other, other_store, {"restore", saved});
    EXPECT_EQ(refused.exit_code, 3) << refused.output;
    EXPECT_THAT(refused.output, HasSubstr("--force"));
    empty(other);
    auto const back = ocopmap(other, other_store, {"restore", saved});
    ASSERT_EQ(back.exit_code, 0) << back.output;
    EXPECT_EQ(tables(other), before);
    EXPECT_EQ(other.value("SELECT count(*) FROM audit.entry"), database.value("SELECT count(*) FROM audit.entry"));
    EXPECT_GT(std::stoll(other.value("SELECT epoch FROM tile.epoch")), epoch) << "every tile cache is to be emptied";
    EXPECT_EQ(other.value("SELECT count(*) FROM tile.node"), "0");
    auto const verified = ocopmap(other, other_store, {"verify", "audit", "--anchor", anchor, "--rows"});
    EXPECT_EQ(verified.exit_code, 0) << verified.output;
    EXPECT_THAT(verified.output, testing::Not(HasSubstr("not sealed")));
    auto const checked = ocopmap(other, other_store, {"files", "check"});
    EXPECT_EQ(checked.exit_code, 0) << checked.output;
    EXPECT_EQ(sha256sum(other_store + "/" + photo.substr(0, 2) + "/" + photo.substr(2, 2) + "/" + photo), photo);
    // What pg_dump leaves out: marks on functions of extensions, and rows of theirs.
    EXPECT_EQ(other.value("SELECT proleakproof FROM pg_proc WHERE oid = 'geometry_overlaps(geometry, geometry)'::regprocedure"), "t");
    EXPECT_EQ(other.value("SELECT count(*) FROM spatial_ref_sys WHERE srid = 990210"), "1");
    // People work on in it: the rights are there, and nothing is to be applied again.
    test_support::Api there{other.conninfo(), false, {.place = other_store, .incoming = {}, .scanner = {}}};
    EXPECT_EQ(there.call("GET", "/api/files/" + photo, {}, who.fields).status, 200);
    EXPECT_EQ(there.call("GET", "/api/records/products?limit=1", {}, who.fields).status, 200);
    EXPECT_THAT(ocopmap(other, other_store, {"migrate"}).output, HasSubstr("0 migrations applied"));
    EXPECT_THAT(ocopmap(other, other_store, {"access", "apply"}).output, HasSubstr("stand already"));
    auto const forced = ocopmap(other, other_store, {"restore", saved, "--force"});
    EXPECT_EQ(forced.exit_code, 0) << forced.output;
    EXPECT_EQ(tables(other), before);

    // A backup that has suffered is found out before anything is thrown away for it.
    auto const damaged = saved + "/files/" + photo.substr(0, 2) + "/" + photo;
    write(damaged, bytes_of(damaged).replace(200, 1, "?"));
    auto const broken = ocopmap(other, other_store, {"restore", saved, "--force"});
    EXPECT_EQ(broken.exit_code, 2);
    EXPECT_THAT(broken.output, HasSubstr(photo + " is not what it was"));
    EXPECT_EQ(tables(other), before);
    // One of a newer program is refused.
    auto manifest = bytes_of(saved + "/manifest.json");
    auto const at = manifest.find("0070_files.sql");
    ASSERT_NE(at, std::string::npos);
    write(saved + "/manifest.json", manifest.replace(at, 4, "9999"));
    EXPECT_EQ(ocopmap(other, other_store, {"restore", saved, "--force"}).exit_code, 3);
}

}  // namespace
}  // namespace files_test
