#pragma once

#include "tests/integration/files/sign_in.hpp"
#include "tests/support/process.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace files_test {

namespace fs = std::filesystem;
using gis_core::Json;
using test_support::Fields;
using test_support::Person;
using testing::HasSubstr;

/// A folder of one test.
class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "ocopmap-files-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder");
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    std::string operator/(std::string const& name) const { return (path_ / name).string(); }
    fs::path const& path() const { return path_; }

private:
    fs::path path_;
};

inline std::string bytes_of(std::string const& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}
inline void write(std::string const& file, std::string const& bytes) { std::ofstream{file, std::ios::binary} << bytes; }

/// Runs a program that must succeed; what it said.
inline std::string tool(std::vector<std::string> const& argv) {
    auto const done = test_support::run(argv);
    EXPECT_EQ(done.exit_code, 0) << argv[0] << ": " << done.output;
    return done.output;
}

/// SHA-256 by coreutils.
inline std::string sha256sum(std::string const& file) { return tool({"sha256sum", file}).substr(0, 64); }

/// A picture drawn by GDAL, of stripes that the number changes; format: JPEG, PNG, WEBP.
inline std::string picture(Folder const& folder, std::string const& format, int width = 800, int height = 400, int number = 1) {
    auto const source = folder / ("source" + std::to_string(number) + ".ppm"), target = folder / ("picture" + std::to_string(number) + "." + format);
    std::string pixels = "P6\n" + std::to_string(width) + " " + std::to_string(height) + "\n255\n";
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) pixels += {static_cast<char>(x * number / 4), static_cast<char>(y / 2), static_cast<char>(number * 9)};
    }
    write(source, pixels);
    tool({"gdal_translate", "-q", "-of", format, source, target});
    return target;
}

/// What exiftool reads in a file, as JSON with numbers.
inline Json exif(std::string const& file) { return gis_core::parse_json(tool({"exiftool", "-j", "-n", "-a", file}), "exiftool").at(0); }

/// Puts a place and a time into a picture as a telephone does.
inline void put_exif(std::string const& file, double lon, double lat, std::string const& at, int orientation = 1) {
    tool({"exiftool", "-q", "-overwrite_original", "-n", "-GPSLongitude=" + std::to_string(lon), "-GPSLongitudeRef=E", "-GPSLatitude=" + std::to_string(lat), "-GPSLatitudeRef=N",
          "-DateTimeOriginal=" + at, "-Orientation=" + std::to_string(orientation), "-Make=Dien thoai", "-Artist=Nguyen Van Bi Mat", file});
}

class FilesTest : public testing::Test {
protected:
    explicit FilesTest(programme::files::Config config = {}) : config_{with_place(std::move(config))} {}

    test_support::TestDatabase database{test_support::TestDatabase::From::demo};
    Folder folder;

private:
    programme::files::Config with_place(programme::files::Config config) const {
        if (config.place.empty()) config.place = folder / "store";
        return config;
    }
    programme::files::Config config_;

protected:
    test_support::Api api{database.conninfo(), false, config_};
    std::string store() const { return config_.place; }

    /// The files that the demo's rows name lie in the store of the whole test run: from here on in this test's, too.
    /// Those that this test's rows name: the served demo's store holds what other tests brought as well.
    void adopt_files_of_demo() {
        fs::path const from = test_support::env("OCOPMAP_FILES");
        for (auto const& row : database.query("SELECT sha256 FROM files.file UNION SELECT stored_sha256 FROM files.copy")) {
            auto const place = fs::path{row[0].substr(0, 2)} / row[0].substr(2, 2) / row[0];
            if (!fs::exists(from / place)) continue;
            fs::create_directories((store() / place).parent_path());
            fs::copy_file(from / place, store() / place, fs::copy_options::skip_existing);
        }
    }

    http::Response send(Person const& who, std::string const& method, std::string const& target, std::string const& body = {}, Fields more = {}) {
        auto headers = who.fields;
        headers.insert(headers.end(), more.begin(), more.end());
        return api.call(method, target, body, headers);
    }
    http::Response upload(Person const& who, std::string const& file, std::string const& name = {}, std::string const& type = {}) {
        Fields more;
        if (!type.empty()) more.emplace_back("Content-Type", type);
        return send(who, "POST", "/api/files" + (name.empty() ? "" : "?name=" + name), bytes_of(file), more);
    }
    static std::string text(http::Response const& response) { return test_support::Api::text(response); }
    static Json read(http::Response const& response) { return gis_core::parse_json(text(response), "answer"); }
    static std::string header(http::Response const& response, char const* name) { return std::string{response.headers.find(name).value_or("")}; }
    /// Stores a file that must be taken; its hash.
    std::string stored(Person const& who, std::string const& file) {
        auto const response = upload(who, file);
        EXPECT_EQ(response.status, 201) << text(response);
        return read(response).value("sha256", "");
    }
    long long number(std::string const& sql) { return std::stoll(database.value(sql)); }
    /// Two producers with published products, in different communes.
    long long producer(int n) {
        return number(fmt::format("SELECT producer_key FROM (SELECT DISTINCT ON (m.lineage_key) m.producer_key FROM ocop.producer m JOIN ocop.product p USING (producer_key) WHERE "
                                  "m.is_published AND p.is_published AND p.photo_file IS NOT NULL ORDER BY m.lineage_key, m.producer_key) x ORDER BY 1 OFFSET {} LIMIT 1",
                                  n));
    }
    long long product_of(long long producer_key) {
        return number(fmt::format("SELECT min(product_key) FROM ocop.product WHERE producer_key = {} AND is_published AND photo_file IS NOT NULL", producer_key));
    }
    /// PATCH of one field of a product; the status.
    http::Response name_in(Person const& who, long long product, Json const& fields) {
        auto const address = fmt::format("/api/records/products/{}", product);
        auto const etag = header(send(who, "GET", address), "ETag");
        return send(who, "PATCH", address, gis_core::to_text(fields), {{"Content-Type", "application/merge-patch+json"}, {"If-Match", etag}});
    }
    int people = 0;
    Person owner_of(long long producer_key) { return test_support::sign_in(api, fmt::format("chu.the.{}", ++people), "R02", {}, producer_key); }
};

}  // namespace files_test
