#include "programme/files/files.hpp"

#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "gis_core/log.hpp"
#include "programme/files/media.hpp"
#include "programme/files/pictures.hpp"
#include "programme/files/scanner.hpp"
#include "programme/files/sql/statements.hpp"
#include "programme/parameters.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>
#include <pqxx/pqxx>

#include <array>
#include <cerrno>
#include <cstring>

namespace programme::files {
namespace {

namespace fs = std::filesystem;
using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::db::Actor;
using gis_core::db::Session;
using Tx = pqxx::transaction_base;

std::string random_hex() {
    std::array<unsigned char, 16> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    std::string out;
    for (auto const byte : bytes) fmt::format_to(std::back_inserter(out), "{:02x}", byte);
    return out;
}

[[noreturn]] void no_room(char const* what) {
    throw Error{ErrorKind::overloaded, fmt::format("what comes in cannot be {}: {}", what, std::strerror(errno))};
}

/// Writes all of it at that place, onto the disk.
void write_at(fs::path const& file, std::int64_t offset, std::string_view bytes) {
    auto const fd = ::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) no_room("written");
    bool good = true;
    while (good && !bytes.empty()) {
        auto const done = ::pwrite(fd, bytes.data(), bytes.size(), offset);
        if (done < 0 && errno == EINTR) continue;
        good = done > 0;
        if (!good) break;
        offset += done;
        bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    good = good && ::fdatasync(fd) == 0;
    auto const why = errno;
    ::close(fd);
    errno = why;
    if (!good) no_room("written");
}

std::optional<int> whole(pqxx::row const& row, char const* column) { return row[column].is_null() ? std::nullopt : std::optional{row[column].as<int>()}; }

FileFacts facts_of(pqxx::row const& row) {
    FileFacts out{.sha256 = row["sha256"].as<std::string>(),
                  .media_type = row["media_type"].as<std::string>(),
                  .scan = row["scan"].as<std::string>(),
                  .name = text_or_empty(row, "name"),
                  .taken_at = text_or_empty(row, "taken_at"),
                  .created_at = row["created_at"].as<std::string>(),
                  .bytes = row["bytes"].as<std::int64_t>(),
                  .width = whole(row, "width"),
                  .height = whole(row, "height"),
                  .place = {},
                  .is_mine = row["is_mine"].as<bool>(),
                  .holding = 0};
    if (!row["lon"].is_null()) out.place = gis_core::LonLat{row["lon"].as<double>(), row["lat"].as<double>()};
    return out;
}

Upload upload_of(pqxx::row const& row) {
    return {row["upload"].as<std::string>(),      row["name"].as<std::string>(),         row["declared_type"].as<std::string>(), text_or_empty(row, "stored_sha256"),
            row["bytes_total"].as<std::int64_t>(), row["bytes_there"].as<std::int64_t>(), row["expires"].as<std::int64_t>()};
}

std::string megabytes(std::int64_t bytes) { return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6); }

[[noreturn]] void too_large(char const* field, std::int64_t bytes, std::int64_t most) {
    throw Error{ErrorKind::payload_too_large, fmt::format("{} is {}, may be {}", field, megabytes(bytes), megabytes(most)),
                {{field, std::to_string(bytes), fmt::format("at most {} bytes", most)}}};
}

/// A file that was checked, and its copies.
struct Checked {
    MediaType const& type;
    std::string sha256;
    std::int64_t bytes;
    PictureFacts picture;
    std::vector<std::pair<Incoming, PictureCopy>> copies;  // the bytes of a copy are on disk
    std::vector<std::string> hashes;
};

Checked check(Config const& config, fs::path const& file, std::string_view declared_type, std::string_view name) {
    std::error_code gone;
    auto const bytes = static_cast<std::int64_t>(fs::file_size(file, gone));
    if (gone || bytes == 0) throw Error{ErrorKind::invalid_argument, "the file is empty", {{"file", "0 bytes", "at least one byte"}}};
    auto const& type = recognise(file, declared_type, name);
    if (auto const most = type.is_picture ? config.picture_bytes : config.document_bytes; bytes > most) too_large("file", bytes, most);
    Checked out{type, sha256_of(file), bytes, {}, {}, {}};
    if (!type.is_picture) return out;
    out.picture = look_at_picture(file, config.picture_pixels);
    for (auto& copy : copies_of_picture(file)) {
        Incoming place{incoming_folder(config) / fmt::format("one-{}", random_hex())};
        write_at(place.path(), 0, copy.bytes);
        copy.bytes.clear();
        out.hashes.push_back(sha256_of(place.path()));
        out.copies.emplace_back(std::move(place), std::move(copy));
    }
    return out;
}

std::string copies_json(Checked const& file) {
    auto out = gis_core::Json::array();
    for (std::size_t i = 0; i < file.copies.size(); ++i) {
        auto const& [place, copy] = file.copies[i];
        out.push_back({{"kind", copy.kind}, {"sha256", file.hashes[i]}, {"bytes", fs::file_size(place.path())}, {"media_type", copy.media_type}});
    }
    return gis_core::to_text(out);
}

void put_all(Store& store, Checked const& checked, fs::path const& file, bool with_copies) {
    store.put(checked.sha256, file);
    for (std::size_t i = 0; with_copies && i < checked.copies.size(); ++i) store.put(checked.hashes[i], checked.copies[i].first.path());
}

}  // namespace

Incoming::~Incoming() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
}

fs::path incoming_folder(Config const& config) {
    auto const folder = config.incoming.empty() ? fs::path{config.place} / "incoming" : config.incoming;
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) throw gis_core::invalid_field("incoming", folder.string(), "a folder that can be made: " + failed.message());
    return folder;
}

Files::Files(gis_core::db::Pool& pool, Config config) : pool_{pool}, config_{std::move(config)} {
    if (config_.place.empty()) return;
    if (config_.incoming.empty() && (config_.place.starts_with("s3://") || config_.place.starts_with("/vsi")))
        throw gis_core::invalid_field("incoming", "", "a folder of this machine, where files wait on their way to " + config_.place);
    store_ = open_store(config_.place);
    config_.incoming = incoming_folder(config_);
}

Store& Files::store() const {
    if (!store_) throw Error{ErrorKind::overloaded, "this service has no place for files; its operator sets OCOPMAP_FILES"};
    return *store_;
}

fs::path Files::part_of(std::string const& id) const { return config_.incoming / (id + ".part"); }

Incoming Files::incoming_of(std::string_view bytes) const {
    Incoming place{config_.incoming / fmt::format("one-{}", random_hex())};
    write_at(place.path(), 0, bytes);
    return place;
}

Files::Taken Files::store_file(Tx& tx, Session& session, fs::path const& file, std::string_view declared_type, std::string_view name) {
    auto const known = clean_name(name);
    auto const checked = check(config_, file, declared_type, known);
    auto const look_up = [&]() -> std::optional<FileFacts> {
        auto const rows = execute(tx, session, sql::file_by_hash, Parameters{}.text(checked.sha256));
        if (rows.empty()) return std::nullopt;
        return facts_of(rows[0]);
    };
    std::string scanned = "none";
    if (!config_.scanner.empty()) {
        auto const verdict = scan(config_.scanner, file);
        if (verdict.kind == ScanVerdict::Kind::infected) {
            gis_core::log::warn("files: {} was refused, the scanner found {}", checked.sha256, verdict.said);
            throw Error{ErrorKind::invalid_argument, "the virus scanner found " + verdict.said + " in this file", {{"file", verdict.said, "a file without that"}}};
        }
        if (verdict.kind == ScanVerdict::Kind::unknown) gis_core::log::warn("files: {} waits for the scanner: {}", checked.sha256, verdict.said);
        scanned = verdict.kind == ScanVerdict::Kind::clean ? "clean" : "waiting";
    }
    Parameters values;
    values.text(checked.sha256).number(checked.bytes).text(std::string{checked.type.name});
    if (checked.type.is_picture) values.number(checked.picture.width).number(checked.picture.height);
    else values.null().null();
    checked.picture.taken_at ? values.text(*checked.picture.taken_at) : values.null();
    auto const& at = checked.picture.place;
    values.real(at ? std::optional{at->lon} : std::nullopt).real(at ? std::optional{at->lat} : std::nullopt);
    values.text(scanned).text(copies_json(checked)).text(known).number(config_.account_bytes);
    auto const said = execute(tx, session, sql::file_keep, values)[0][0].as<std::string>();
    if (said == "full") {
        auto const used = execute(tx, session, sql::file_used)[0][0].as<std::int64_t>();
        throw Error{ErrorKind::payload_too_large,
                    fmt::format("your files take {} of {}; this one has {}", megabytes(used), megabytes(config_.account_bytes), megabytes(checked.bytes)),
                    {{"file", std::to_string(checked.bytes), fmt::format("at most {} bytes", std::max<std::int64_t>(0, config_.account_bytes - used))}}};
    }
    // Last, so that nothing of a refused file is left; a content without a row is found by `ocopmap files check`.
    if (said != "held") put_all(store(), checked, file, said == "stored");
    auto facts = look_up();
    if (!facts) throw Error{ErrorKind::invalid_argument, "this file was found to be infected before", {{"file", checked.sha256, "another file"}}};
    return {std::move(*facts), said != "held"};
}

Files::Taken Files::take(Actor const& actor, std::string_view bytes, std::string_view declared_type, std::string_view name) {
    static_cast<void>(store());
    auto const place = incoming_of(bytes);
    return pool_.write(actor, [&](Tx& tx, Session& session) { return store_file(tx, session, place.path(), declared_type, name); });
}

Upload Files::begin(Actor const& actor, std::int64_t total, std::string_view declared_type, std::string_view name) {
    static_cast<void>(store());
    if (total > config_.document_bytes) too_large("Upload-Length", total, config_.document_bytes);
    auto const id = random_hex();
    return pool_.write(actor, [&](Tx& tx, Session& session) {
        auto const used = execute(tx, session, sql::file_used)[0][0].as<std::int64_t>();
        if (used + total > config_.account_bytes) too_large("Upload-Length", total, std::max<std::int64_t>(0, config_.account_bytes - used));
        execute(tx, session, sql::upload_add,
                Parameters{}.text(id).text(clean_name(name)).text(std::string{declared_type.substr(0, 200)}).number(total).number(kUploadHours));
        return upload_of(execute(tx, session, sql::upload_find, Parameters{}.text(id))[0]);
    });
}

std::optional<Upload> Files::find_upload(Actor const& actor, std::string const& id) {
    return pool_.read("", actor, [&](Tx& tx, Session& session) -> std::optional<Upload> {
        auto const rows = execute(tx, session, sql::upload_find, Parameters{}.text(id));
        if (rows.empty()) return std::nullopt;
        return upload_of(rows[0]);
    });
}

Upload Files::append(Actor const& actor, std::string const& id, std::int64_t offset, std::string_view bytes) {
    static_cast<void>(store());
    auto const part = part_of(id);
    bool is_over = false;
    auto const gone = [&] { return Error{ErrorKind::not_found, fmt::format("there is no upload {} of yours, or it has expired", id)}; };
    try {
        auto const after = pool_.write(actor, [&](Tx& tx, Session& session) {
            pqxx::result rows;
            try {
                rows = execute(tx, session, sql::upload_hold, Parameters{}.text(id));
            } catch (pqxx::sql_error const& error) {
                if (gis_core::db::state_of(error) == "55P03") throw Error{ErrorKind::conflict, "another piece of this upload is being written"};
                throw;
            }
            if (rows.empty()) throw gone();
            auto upload = upload_of(rows[0]);
            if (!upload.sha256.empty() || offset != upload.there)
                throw Error{ErrorKind::conflict,
                            fmt::format("the upload stands at {} of {} bytes", upload.there, upload.total),
                            {{"Upload-Offset", std::to_string(offset), std::to_string(upload.there)}}};
            auto const there = upload.there + static_cast<std::int64_t>(bytes.size());
            if (there > upload.total) too_large("Upload-Length", there, upload.total);
            std::error_code failed;
            auto const on_disk = fs::exists(part, failed) ? static_cast<std::int64_t>(fs::file_size(part, failed)) : 0;
            if (failed || on_disk < upload.there) {
                is_over = true;
                throw Error{ErrorKind::not_found, "what came of this upload is lost; begin anew"};
            }
            write_at(part, offset, bytes);
            execute(tx, session, sql::upload_move, Parameters{}.text(id).number(there).number(kUploadHours));
            if (there == upload.total) {
                fs::resize_file(part, static_cast<std::uintmax_t>(upload.total));  // a piece cut short by a crash may have left more
                try {
                    auto const taken = store_file(tx, session, part, upload.declared_type, upload.name);
                    execute(tx, session, sql::upload_done, Parameters{}.text(id).text(taken.facts.sha256));
                } catch (Error const& error) {
                    is_over = error.kind() == ErrorKind::unsupported_media || error.kind() == ErrorKind::payload_too_large || error.kind() == ErrorKind::invalid_argument;
                    throw;
                }
            }
            return upload_of(execute(tx, session, sql::upload_find, Parameters{}.text(id))[0]);
        });
        if (!after.sha256.empty()) Incoming{part};  // stored: what is left of it goes
        return after;
    } catch (Error const&) {
        if (is_over) give_up(actor, id);
        throw;
    }
}

bool Files::give_up(Actor const& actor, std::string const& id) {
    auto const gone = pool_.write(actor, [&](Tx& tx, Session& session) { return execute(tx, session, sql::upload_drop, Parameters{}.text(id)).affected_rows() > 0; });
    if (gone) Incoming{part_of(id)};
    return gone;
}

std::optional<FileFacts> Files::find(Actor const& actor, std::string const& sha256) {
    return pool_.read("", actor, [&](Tx& tx, Session& session) -> std::optional<FileFacts> {
        auto const rows = execute(tx, session, sql::file_by_hash, Parameters{}.text(sha256));
        if (rows.empty()) return std::nullopt;
        return facts_of(rows[0]);
    });
}

std::optional<Content> Files::find_copy(Actor const* actor, std::string const& sha256, std::string const& kind) {
    auto const look = [&](Tx& tx, Session& session) -> std::optional<Content> {
        auto const rows = execute(tx, session, actor != nullptr ? sql::file_copy : sql::file_copy_public, Parameters{}.text(sha256).text(kind));
        if (rows.empty()) return std::nullopt;
        return Content{rows[0]["stored_sha256"].as<std::string>(), rows[0]["media_type"].as<std::string>(), rows[0]["bytes"].as<std::int64_t>()};
    };
    return actor != nullptr ? pool_.read("", *actor, look) : pool_.read("", look);
}

Files::Own Files::own(Actor const& actor, std::int64_t after, int limit) {
    return pool_.read("", actor, [&](Tx& tx, Session& session) {
        Own out;
        for (auto const& row : execute(tx, session, sql::file_own, Parameters{}.number(after).number(limit))) {
            out.files.push_back(facts_of(row));
            out.files.back().holding = row["holding_key"].as<std::int64_t>();
        }
        out.used = execute(tx, session, sql::file_used)[0][0].as<std::int64_t>();
        return out;
    });
}

void Files::note_reading(Actor const& actor, FileFacts const& file) {
    pool_.write(actor, [&](Tx& tx, Session& session) { execute(tx, session, sql::file_read_note, Parameters{}.text(file.sha256)); });
}

std::unique_ptr<Reader> Files::open(std::string const& sha256) const {
    auto reader = store().open(sha256);
    if (!reader) {
        gis_core::log::error("files: the store has no content {}", sha256);
        throw Error{ErrorKind::upstream, "the file store has lost this file"};
    }
    return reader;
}

std::string keep_for_nobody(Tx& tx, Store& store, Config const& config, fs::path const& file) {
    auto const checked = check(config, file, {}, {});
    auto const& picture = checked.picture;
    auto const text = [&](auto const& number) { return checked.type.is_picture ? fmt::format("{}", number) : std::string{}; };
    auto const place = picture.place ? fmt::format("POINT({} {})", picture.place->lon, picture.place->lat) : std::string{};
    bool const is_new = tx.exec_params(sql::file_of_ours.text, checked.sha256, checked.bytes, std::string{checked.type.name}, text(picture.width), text(picture.height),
                                       picture.taken_at.value_or(""), place, copies_json(checked))[0][0]
                            .as<bool>();
    put_all(store, checked, file, is_new);
    return checked.sha256;
}

}  // namespace programme::files
