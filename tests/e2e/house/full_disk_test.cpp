// A disk that is too small, and one that fills while the system serves: a small file system of the test's own, in a mount
// namespace of its own. Needs the rights to make one (root, in a container also CAP_SYS_ADMIN); without them it is skipped.
#include "tests/support/environment.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/process.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test_support::get;
using test_support::wait_until;

class SmallDisk {
public:
    explicit SmallDisk(std::string const& megabytes) {
        auto pattern = (fs::temp_directory_path() / "ocopmap-disk-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("no temporary folder");
        }
        path_ = pattern;
        fs::permissions(path_, fs::perms(0755));
        holder_ = std::make_unique<test_support::Process>(std::vector<std::string>{
            "unshare", "--mount", "sh", "-c", "mount -t tmpfs -o size=" + megabytes + "m,mode=755 none " + path_ + " && echo mounted && exec sleep 3600"});
        is_there_ = wait_until([this] { return holder_->output().find("mounted") != std::string::npos || !holder_->running(); }, 10s) && holder_->running();
    }
    ~SmallDisk() {
        if (is_there_) {
            dev({"reset", "--yes", "--state", path_ + "/state"});
        }
        holder_->kill9();
        std::error_code ignored;
        fs::remove(path_, ignored);
    }
    SmallDisk(SmallDisk const&) = delete;
    SmallDisk& operator=(SmallDisk const&) = delete;

    bool is_there() const { return is_there_; }
    std::string why_not() const { return holder_->output(); }
    test_support::Finished inside(std::vector<std::string> command) const {
        command.insert(command.begin(), {"nsenter", "--mount", "--target", std::to_string(holder_->pid()), "--"});
        return test_support::run(command, {"OCOPMAP_NO_BUILD=1"}, 100s);
    }
    test_support::Finished dev(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), test_support::source_dir() + "/dev");
        return inside(arguments);
    }
    test_support::Finished start() const { return dev({"run", "--detach", "--demo", "--state", path_ + "/state", "--port", std::to_string(port_)}); }
    void fill() const { inside({"sh", "-c", "cat /dev/zero >" + path_ + "/fill"}); }
    void make_room() const { inside({"rm", path_ + "/fill"}); }
    std::string sql(std::string const& statement) const {
        return inside({"sh", "-c", "psql -XAtq \"$(\"$1\" psql --state \"$2\")\" -c \"$3\"", "sql", test_support::source_dir() + "/dev", path_ + "/state",
                       statement})
            .output;
    }
    bool holds(std::string const& file) const { return inside({"test", "-f", path_ + "/state/" + file}).exit_code == 0; }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

private:
    std::string path_;
    std::unique_ptr<test_support::Process> holder_;
    bool is_there_ = false;
    int port_ = test_support::free_port();
};

TEST(FullDiskTest, ATooSmallDiskIsSaidBeforeAnythingIsMade) {
    SmallDisk const disk{"300"};
    if (!disk.is_there()) {
        GTEST_SKIP() << "no file system of our own: " << disk.why_not();
    }
    auto const refused = disk.start();
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_NE(refused.output.find("700 MB are needed; make room, or name another place by --state DIR"), std::string::npos) << refused.output;
    EXPECT_FALSE(disk.holds("pg/data/PG_VERSION"));
}

TEST(FullDiskTest, WhileItIsFullReadersGoOnAndWritersAreRefusedAndAllHealsByItself) {
    SmallDisk const disk{"900"};
    if (!disk.is_there()) {
        GTEST_SKIP() << "no file system of our own: " << disk.why_not();
    }
    auto const started = disk.start();
    ASSERT_EQ(started.exit_code, 0) << started.output;
    std::string const cached = "/tiles/communes/9/407/241.mvt", fresh = "/tiles/communes/10/814/482.mvt", write = "UPDATE ocop.product SET name = name";
    auto const before = get(disk.url() + cached);
    ASSERT_EQ(before.status, 200);

    disk.fill();
    ASSERT_TRUE(wait_until([&] { return disk.sql(write).find("cannot execute UPDATE in a read-only transaction") != std::string::npos; }, 20s))
        << disk.sql(write);
    EXPECT_EQ(get(disk.url() + cached).body, before.body);
    EXPECT_EQ(get(disk.url() + fresh).status, 200);
    EXPECT_FALSE(disk.holds("cache" + fresh + ".gz") || disk.holds("cache" + fresh));
    EXPECT_EQ(get(disk.url() + "/api/products?q=keo%20dua&limit=3").status, 200);
    EXPECT_EQ(get(disk.url() + "/api/statistics/units?frame=district-old").status, 200);
    EXPECT_EQ(get(disk.url() + "/readyz").status, 200);
    std::string ring = R"({"type":"Polygon","coordinates":[[[106.2,10.1])";
    for (int i = 0; i < 15'000; ++i) {
        ring += ",[106." + std::to_string(300'000 + i) + ",10.2]";
    }
    ring += ",[106.2,10.1]]]}";
    ASSERT_GT(ring.size(), 200U * 1024);  // past the memory that nginx gives a body
    auto const refused = test_support::request("POST", disk.url() + "/api/zones/touching", {}, ring);
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.header("Content-Type"), "application/problem+json");

    disk.make_room();
    EXPECT_TRUE(wait_until([&] { return disk.sql(write).empty(); }, 20s)) << disk.sql(write);
    std::string const later = "/tiles/communes/11/1629/965.mvt";  // the other one is kept in memory and not drawn again
    EXPECT_EQ(get(disk.url() + later).status, 200);
    EXPECT_TRUE(disk.holds("cache" + later + ".gz") || disk.holds("cache" + later));
    EXPECT_NE(test_support::request("POST", disk.url() + "/api/zones/touching", {}, ring).status, 503);
}

}  // namespace
