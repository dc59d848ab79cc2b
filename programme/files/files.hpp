#pragma once

#include "gis_core/db/pool.hpp"
#include "gis_core/geo/lon_lat.hpp"
#include "programme/files/config.hpp"
#include "programme/files/store.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Photos, certificates and evidence (docs/reference/files.md): bytes in a store under their SHA-256, what is known of them in the
/// schema files, rights by the rows that name them.
namespace programme::files {

inline constexpr int kUploadHours = 24;  // an upload that rests for so long is given up

/// What is known of a file; name and is_mine as whoever asks knows it.
struct FileFacts {
    std::string sha256, media_type, scan, name, taken_at, created_at;
    std::int64_t bytes = 0;
    std::optional<int> width, height;
    std::optional<gis_core::LonLat> place;
    bool is_mine = false;
    std::int64_t holding = 0;
};

/// Bytes to send.
struct Content {
    std::string sha256, media_type;
    std::int64_t bytes = 0;
};

/// A file on its way in pieces.
struct Upload {
    std::string id, name, declared_type, sha256;  // sha256: when it is complete
    std::int64_t total = 0, there = 0;
    std::int64_t expires = 0;  // seconds since 1970
};

/// A file in the folder of what comes in; gone when nobody holds it any more.
class Incoming {
public:
    explicit Incoming(std::filesystem::path path) : path_{std::move(path)} {}
    ~Incoming();
    Incoming(Incoming&& other) noexcept : path_{std::exchange(other.path_, {})} {}
    Incoming& operator=(Incoming&&) = delete;
    std::filesystem::path const& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// Thread-safe. What is done for a person runs as that person's actor, so that policies decide.
class Files {
public:
    /// \throws gis_core::Error(invalid_argument) when a folder cannot be made.
    Files(gis_core::db::Pool& pool, Config config);

    struct Taken {
        FileFacts facts;
        bool is_new = false;  // to this account
    };
    /// Checks and stores what came in one piece.
    /// \throws gis_core::Error unsupported_media, payload_too_large (also beyond the quota), invalid_argument.
    Taken take(gis_core::db::Actor const& actor, std::string_view bytes, std::string_view declared_type, std::string_view name);

    Upload begin(gis_core::db::Actor const& actor, std::int64_t total, std::string_view declared_type, std::string_view name);
    std::optional<Upload> find_upload(gis_core::db::Actor const& actor, std::string const& id);
    /// Adds a piece; the last one stores the file. A file that is refused ends the upload.
    /// \throws not_found; conflict when the upload stands elsewhere or another piece is being written; what take() throws.
    Upload append(gis_core::db::Actor const& actor, std::string const& id, std::int64_t offset, std::string_view bytes);
    /// False when there was none.
    bool give_up(gis_core::db::Actor const& actor, std::string const& id);

    /// Empty where there is none that the actor may see.
    std::optional<FileFacts> find(gis_core::db::Actor const& actor, std::string const& sha256);
    /// A copy of a picture ("public", "1280", "320"), as the actor may see it; without an actor, as everybody may.
    std::optional<Content> find_copy(gis_core::db::Actor const* actor, std::string const& sha256, std::string const& kind);
    struct Own {
        std::vector<FileFacts> files;
        std::int64_t used = 0;
    };
    /// Files the actor brought, newest first.
    Own own(gis_core::db::Actor const& actor, std::int64_t after, int limit);
    /// Writes into the audit record that somebody opened a file that another one brought.
    void note_reading(gis_core::db::Actor const& actor, FileFacts const& file);

    /// \throws gis_core::Error(upstream) when the store has lost it.
    std::unique_ptr<Reader> open(std::string const& sha256) const;

    Config const& config() const { return config_; }
    Store& store() const;

private:
    Taken store_file(pqxx::transaction_base& tx, gis_core::db::Session& session, std::filesystem::path const& file, std::string_view declared_type,
                     std::string_view name);
    Incoming incoming_of(std::string_view bytes) const;
    std::filesystem::path part_of(std::string const& id) const;

    gis_core::db::Pool& pool_;
    Config config_;
    std::unique_ptr<Store> store_;
};

/// The folder for what comes in, made when it is not there.
std::filesystem::path incoming_folder(Config const& config);

/// Stores a file of ours, such as a picture of the demo; returns its SHA-256.
std::string keep_for_nobody(pqxx::transaction_base& tx, Store& store, Config const& config, std::filesystem::path const& file);

}  // namespace programme::files
