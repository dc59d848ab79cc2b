#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace programme::files {

/// A stored content that is open for reading, in pieces of any size. One thread at a time.
class Reader {
public:
    virtual ~Reader() = default;
    virtual std::int64_t size() const = 0;
    /// At most bytes from that place on; fewer only at the end. \throws gis_core::Error(upstream) when the store fails.
    virtual std::string read(std::int64_t from, std::size_t bytes) = 0;
};

/// Where contents lie, each under its SHA-256 as ab/cd/abcd…: written once, never changed. Thread-safe.
class Store {
public:
    virtual ~Store() = default;
    /// Takes a local file in as the content of that hash; the file is gone afterwards. Either all of it is stored for good, or
    /// nothing is seen of it. Storing the same content again, also at the same time, does no harm.
    virtual void put(std::string const& sha256, std::filesystem::path const& file) = 0;
    /// nullptr when there is no such content.
    virtual std::unique_ptr<Reader> open(std::string const& sha256) const = 0;
    virtual void remove(std::string const& sha256) = 0;
    /// Every content there is, in no order.
    virtual void each(std::function<void(std::string const& sha256)> const& look) const = 0;
};

/// "s3://bucket/prefix" (GDAL's /vsis3/: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_S3_ENDPOINT … from the environment), any other
/// "/vsi…/" path, or a folder. \throws gis_core::Error(invalid_argument) when the folder cannot be made.
std::unique_ptr<Store> open_store(std::string const& place);

/// SHA-256 as 64 hexadecimal digits, read in pieces.
std::string sha256_of(std::filesystem::path const& file);
std::string sha256_of(Reader& reader);

bool is_sha256(std::string_view text);

/// Everything a file holds is on the disk when this returns.
void sync_file(std::filesystem::path const& file);

}  // namespace programme::files
