#include "cli/command.hpp"
#include "cli/tile_client.hpp"

#include "gis_core/error.hpp"
#include "gis_core/geo/tile_range.hpp"
#include "gis_core/json.hpp"
#include "gis_core/layers/catalogue.hpp"
#include "tile_server/archive/pmtiles.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/App.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cli {
namespace {

using gis_core::Json;
using gis_core::LonLatBox;
using gis_core::TileId;
using gis_core::TileRange;
using Clock = std::chrono::steady_clock;

/// What seed and export are told alike.
struct Choice {
    std::string url;
    std::vector<std::string> layers;
    std::vector<double> box;
    std::string zooms;
};

void add_url(CLI::App& command, std::string& url) {
    if (auto const* set = std::getenv("OCOPMAP_TILES_URL")) url = set;
    command.add_option("--url", url, "the tile daemon's own address, http://127.0.0.1:PORT; else OCOPMAP_TILES_URL");
}

void add_choice(CLI::App& command, Choice& choice, char const* layers) {
    add_url(command, choice.url);
    command.add_option("--layer", choice.layers, layers)->delimiter(',');
    command.add_option("--bbox", choice.box, "WEST,SOUTH,EAST,NORTH in degrees")->delimiter(',')->expected(4);
    command.add_option("--zoom", choice.zooms, "FIRST-LAST, or one");
}

LonLatBox box_of(std::vector<double> const& sides) {
    LonLatBox const box{sides.at(0), sides.at(1), sides.at(2), sides.at(3)};
    if (box.west >= box.east || box.south >= box.north || std::abs(box.west) > 180 || std::abs(box.east) > 180 || std::abs(box.south) > 90 ||
        std::abs(box.north) > 90) {
        throw gis_core::invalid_field("--bbox", fmt::format("{}", fmt::join(sides, ",")), "west,south,east,north in degrees, like 106.2,9.9,106.7,10.3");
    }
    return box;
}

struct Zooms {
    int first, last;
};

Zooms zooms_of(std::string const& text) {
    unsigned first = 0, last = 0;
    char more = 0;
    auto const found = std::sscanf(text.c_str(), "%2u-%2u%c", &first, &last, &more);
    if (found == 1 && text.find('-') == std::string::npos) last = first;
    else if (found != 2) first = TileId::kMaxZoom + 1;
    if (first > last || last > TileId::kMaxZoom || text.find_first_not_of("0123456789-") != std::string::npos)
        throw gis_core::invalid_field("--zoom", text, fmt::format("FIRST-LAST from 0 to {}, like 5-14, or one zoom", TileId::kMaxZoom));
    return {static_cast<int>(first), static_cast<int>(last)};
}

double seconds_since(Clock::time_point begun) { return std::chrono::duration<double>(Clock::now() - begun).count(); }

std::string duration(double seconds) {
    auto const whole = static_cast<long>(seconds + 0.5);
    return whole >= 3600 ? fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60) : fmt::format("{}:{:02}", whole / 60, whole % 60);
}

/// One line that is written over on a terminal; elsewhere one every ten seconds.
class Progress {
public:
    /// worked_on: of those done, what took time.
    void show(std::uint64_t done, std::uint64_t total, std::uint64_t worked_on, double seconds, std::string const& rest) {
        if (!is_terminal_ && seconds_since(shown_) < 10) return;
        shown_ = Clock::now();
        auto const rate = seconds > 0 ? static_cast<double>(worked_on) / seconds : 0;
        auto const rest_of = total - std::min(done, total);
        auto const left = rate > 0 ? duration(static_cast<double>(rest_of) / rate) : std::string{"-"};  // or less: what is empty takes no time
        auto const line = fmt::format("{} of {} tiles ({:.0f} %), {:.0f} tiles/s, at most {} left{}", done, total,
                                      total > 0 ? 100.0 * static_cast<double>(done) / static_cast<double>(total) : 100.0, rate, left, rest);
        if (is_terminal_) std::fprintf(stderr, "\r\033[K%s", line.c_str());
        else std::fprintf(stderr, "%s\n", line.c_str());
        std::fflush(stderr);
    }
    void end() const {
        if (is_terminal_) std::fprintf(stderr, "\r\033[K");
    }

private:
    bool is_terminal_ = ::isatty(STDERR_FILENO) != 0;
    Clock::time_point shown_ = Clock::now();
};

// --- seed ---

int seed(Choice const& choice) {
    Json order = Json::object();
    if (!choice.layers.empty()) order["tilesets"] = choice.layers;
    if (!choice.box.empty()) {
        box_of(choice.box);
        order["bbox"] = choice.box;
    }
    if (!choice.zooms.empty()) {
        auto const zooms = zooms_of(choice.zooms);
        order["zoom"] = {zooms.first, zooms.last};
    }
    TileClient client{choice.url};
    Progress progress;
    std::optional<Json> last;
    client.post("/tiles/seed", gis_core::to_text(order), [&](std::string_view line) {
        auto const state = gis_core::parse_json(line, "the daemon's answer");
        progress.show(state["done"], state["total"], state["made"].get<std::uint64_t>() + state["fresh"].get<std::uint64_t>(), state["seconds"],
                      fmt::format(", {:.1f} MB", state["bytes"].get<double>() / 1e6));
        last = state;
    });
    progress.end();
    auto const count = [&](char const* name) { return last ? (*last)[name].get<std::uint64_t>() : 0; };
    auto const seconds = last ? (*last)["seconds"].get<double>() : 0;
    std::printf("%llu tiles made in %.1f s (%.0f tiles/s, %.1f MB), %llu were there, %llu empty, %llu failed\n", static_cast<unsigned long long>(count("made")),
                seconds, seconds > 0 ? static_cast<double>(count("made")) / seconds : 0.0, static_cast<double>(count("bytes")) / 1e6,
                static_cast<unsigned long long>(count("fresh")), static_cast<unsigned long long>(count("empty")),
                static_cast<unsigned long long>(count("failed")));
    if (last && last->contains("failure")) std::fprintf(stderr, "ocopmap: the last failure: %s\n", (*last)["failure"].get<std::string>().c_str());
    if (!last || !(*last)["finished"].get<bool>() || count("done") < count("total")) {
        std::fprintf(stderr, "ocopmap: the daemon ended before all was done; run it again: what is made stays made\n");
        return kFailed;
    }
    return count("failed") > 0 ? kPartly : kDone;
}

// --- export ---

struct ExportChoice : Choice {
    std::filesystem::path file;
    std::string style, format = "png", at;
    int scale = 1;
};

/// Where the tiles of the archive are asked for, and what it says of itself.
struct Source {
    std::string path, suffix;  // before and after z/x/y
    tile_server::ArchiveInfo info;
};

Source vector_source(ExportChoice const& choice, TileClient& client) {
    auto const layers = fmt::format("{}", fmt::join(choice.layers, ","));
    auto const query = choice.at.empty() ? std::string{} : "?at=" + percent_encoded(choice.at);
    auto const json = gis_core::parse_json(client.get("/tiles/" + percent_encoded(layers) + ".json" + query).body, "TileJSON");
    Source out{"/tiles/" + percent_encoded(layers) + "/", ".mvt" + query, {}};
    out.info.name = json["name"];
    out.info.type = tile_server::TileType::mvt;
    out.info.min_zoom = json["minzoom"];
    out.info.max_zoom = json["maxzoom"];
    auto const& box = json["bounds"];
    out.info.bounds = {box[0], box[1], box[2], box[3]};
    out.info.vector_layers = json["vector_layers"];
    return out;
}

Source picture_source(ExportChoice const& choice, Context const& context) {
    Source out{"/tiles/" + percent_encoded(choice.style) + "/",
               fmt::format("{}.{}{}", choice.scale == 2 ? "@2x" : "", choice.format, choice.at.empty() ? "" : "?at=" + percent_encoded(choice.at)),
               {}};
    out.info.name = choice.style;
    out.info.type = choice.format == "png" ? tile_server::TileType::png : tile_server::TileType::webp;
    out.info.min_zoom = 5;
    out.info.max_zoom = 14;
    auto const catalogue = gis_core::layers::Catalogue::load(context.data() / "layers.toml");
    out.info.bounds = catalogue.layers().front().bounds;
    for (auto const& layer : catalogue.layers()) {
        auto& box = out.info.bounds;
        box = {std::min(box.west, layer.bounds.west), std::min(box.south, layer.bounds.south), std::max(box.east, layer.bounds.east),
               std::max(box.north, layer.bounds.north)};
    }
    return out;
}

/// Tiles of a zoom in the order of the archive.
std::vector<TileId> tiles_of(TileRange const& range) {
    std::vector<std::pair<std::uint64_t, TileId>> numbered;
    for (auto x = range.first.x; x <= range.last.x; ++x) {
        for (auto y = range.first.y; y <= range.last.y; ++y) {
            TileId const tile{range.first.z, x, y};
            numbered.emplace_back(tile_server::tile_number(tile), tile);
        }
    }
    std::sort(numbered.begin(), numbered.end());
    std::vector<TileId> out;
    out.reserve(numbered.size());
    for (auto const& [number, tile] : numbered) out.push_back(tile);
    return out;
}

void export_tiles(ExportChoice const& choice, Context const& context) {
    if (choice.layers.empty() == choice.style.empty())
        throw gis_core::invalid_field("--layer", choice.style, "either --layer ID,… (vector tiles) or --style ID (pictures)");
    TileClient client{choice.url};
    auto source = choice.style.empty() ? vector_source(choice, client) : picture_source(choice, context);
    auto& info = source.info;
    if (!choice.box.empty()) {
        auto const box = box_of(choice.box);
        info.bounds = {std::max(box.west, info.bounds.west), std::max(box.south, info.bounds.south), std::min(box.east, info.bounds.east),
                       std::min(box.north, info.bounds.north)};
        if (info.bounds.west >= info.bounds.east || info.bounds.south >= info.bounds.north)
            throw gis_core::invalid_field("--bbox", fmt::format("{}", fmt::join(choice.box, ",")), "a box that touches the layers");
    }
    if (!choice.zooms.empty()) {
        auto const zooms = zooms_of(choice.zooms);
        if (choice.style.empty() && (zooms.first > info.max_zoom || zooms.last < info.min_zoom))
            throw gis_core::invalid_field("--zoom", choice.zooms, fmt::format("within {}-{}, where these layers have tiles", info.min_zoom, info.max_zoom));
        info.min_zoom = choice.style.empty() ? std::max(zooms.first, info.min_zoom) : zooms.first;
        info.max_zoom = choice.style.empty() ? std::min(zooms.last, info.max_zoom) : zooms.last;
    }
    info.description = choice.at.empty() ? "ocopmap" : "ocopmap, as of " + choice.at;
    std::uint64_t total = 0, done = 0, written = 0;
    auto const range = [&](int zoom) { return TileRange::of(info.bounds, static_cast<std::uint8_t>(zoom)); };
    for (int zoom = info.min_zoom; zoom <= info.max_zoom; ++zoom) total += range(zoom).size();

    auto const archive = tile_server::open_archive(choice.file, info);
    Progress progress;
    auto const begun = Clock::now();
    for (int zoom = info.min_zoom; zoom <= info.max_zoom; ++zoom) {
        for (auto const& tile : tiles_of(range(zoom))) {
            // A combination has zooms where none of its layers has tiles at that place.
            auto const answer = client.get(source.path + tile.path() + source.suffix, choice.style.empty());
            if (answer.status == 200) {
                archive->add(tile, answer.body);
                ++written;
            }
            ++done;
            progress.show(done, total, done, seconds_since(begun), "");
        }
    }
    progress.end();
    archive->finish();
    std::printf("%s: %llu tiles, zoom %d to %d, %.1f MB in %.1f s; %llu places have nothing, %llu tiles share their bytes with another\n", choice.file.c_str(),
                static_cast<unsigned long long>(written), info.min_zoom, info.max_zoom, static_cast<double>(archive->bytes()) / 1e6, seconds_since(begun),
                static_cast<unsigned long long>(total - written), static_cast<unsigned long long>(archive->repeated()));
}

// --- explain ---

struct ExplainChoice {
    std::string url, tile, layers = "all", at, filter;
    bool as_json = false;
};

double share(Json const& part, Json const& whole) { return whole.get<double>() > 0 ? 100 * part.get<double>() / whole.get<double>() : 0; }

void print_layer(Json const& layer) {
    auto const features = layer["features"].get<std::uint64_t>();
    fmt::print("\n{}: {} features from {} rows, {}\n", layer["layer"].get<std::string>(), features, layer["rows"].get<std::uint64_t>(),
               layer["source"].get<std::string>());
    auto const& ms = layer["ms"];
    fmt::print("  ms        {:9.3f}  search {:.3f}, geometry {:.3f}, encode {:.3f}, rest {:.3f}\n", ms["total"].get<double>(), ms["search"].get<double>(),
               ms["geometry"].get<double>(), ms["encode"].get<double>(), ms["rest"].get<double>());
    if (features == 0) return;
    auto const& bytes = layer["bytes"];
    fmt::print("  bytes     {:9}  geometry {:.0f} %, tags {:.0f} %, keys {:.0f} %, values {:.0f} %, rest {:.0f} %\n", bytes["total"].get<std::uint64_t>(),
               share(bytes["geometry"], bytes["total"]), share(bytes["tags"], bytes["total"]), share(bytes["keys"], bytes["total"]),
               share(bytes["values"], bytes["total"]), share(bytes["rest"], bytes["total"]));
    std::string types;
    for (auto const& [type, count] : layer["types"].items()) types += fmt::format("{}{} {}", types.empty() ? "" : ", ", count.get<std::uint64_t>(), type);
    fmt::print("  types     {}\n", types);
    if (!layer["attributes"].empty()) fmt::print("  {:24} {:>9} {:>9} {:>12}\n", "attribute", "features", "values", "value bytes");
    for (auto const& attribute : layer["attributes"]) {
        fmt::print("  {:24} {:9} {:9} {:12}\n", attribute["key"].get<std::string>(), attribute["features"].get<std::uint64_t>(),
                   attribute["values"].get<std::uint64_t>(), attribute["value_bytes"].get<std::uint64_t>());
    }
    fmt::print("  {:24} {:>9} {:>9} {:>12}\n", "largest", "bytes", "geometry", "vertices");
    for (auto const& feature : layer["largest"]) {
        auto const id = feature["id"].is_null() ? std::string{"(cluster)"} : std::to_string(feature["id"].get<std::uint64_t>());
        fmt::print("  {:24} {:9} {:9} {:12}\n", fmt::format("{} {}", feature["type"].get<std::string>(), id), feature["bytes"].get<std::uint64_t>(),
                   feature["geometry_bytes"].get<std::uint64_t>(), feature["vertices"].get<std::uint64_t>());
    }
}

void explain(ExplainChoice const& choice) {
    TileClient client{choice.url};
    std::string query;
    for (auto const& [name, value] : {std::pair{"at", &choice.at}, std::pair{"filter", &choice.filter}}) {
        if (!value->empty()) query += fmt::format("{}{}={}", query.empty() ? "?" : "&", name, percent_encoded(*value));
    }
    auto const answer = client.get(fmt::format("/tiles/explain/{}/{}{}", percent_encoded(choice.layers), choice.tile, query));
    if (choice.as_json) {
        fmt::print("{}\n", answer.body);
        return;
    }
    auto const tile = gis_core::parse_json(answer.body, "the daemon's answer");
    auto const sizes = [](Json const& bytes) {
        return fmt::format("{} bytes, gzip {}, brotli {}", bytes["plain"].get<std::uint64_t>(), bytes["gzip"].get<std::uint64_t>(),
                           bytes["brotli"].get<std::uint64_t>());
    };
    auto const& ms = tile["ms"];
    auto const& stored = tile["stored"];
    fmt::print("{} as of {}{}\n", tile["tile"].get<std::string>(), tile["at"].get<std::string>(),
               tile.contains("filter") ? ", " + tile["filter"].get<std::string>() : "");
    fmt::print("made now    {}\n", sizes(tile["bytes"]));
    fmt::print("on disk     {}\n", stored.is_null()       ? "no"
                                   : stored["plain"] == 0 ? fmt::format("marked empty, publication {}", stored["publication"].get<std::uint64_t>())
                                                          : fmt::format("{}, publication {}{}", sizes(stored), stored["publication"].get<std::uint64_t>(),
                                                                        stored["recompressed"].get<bool>() ? ", compressed again" : ""));
    fmt::print("ms          {:.3f}: find {:.3f}, layers {:.3f}, compress {:.3f}\n", ms["total"].get<double>(), ms["find"].get<double>(),
               ms["layers"].get<double>(), ms["compress"].get<double>());
    for (auto const& layer : tile["layers"]) print_layer(layer);
}

}  // namespace

void add_tiles(CLI::App& app, Context& context) {
    auto* tiles = app.add_subcommand("tiles", "the tile daemon's cache, archives of tiles, and what is in a tile");
    tiles->require_subcommand(1);

    auto const seeding = std::make_shared<Choice>();
    auto* seeds = tiles->add_subcommand("seed", "fill the daemon's cache, visitors first; what is there stays, so it goes on where it was interrupted");
    add_choice(*seeds, *seeding, "ID,…: layers and combinations, each a tileset of its own; without it all of them");
    seeds->callback([&context, seeding] { context.exit_code = seed(*seeding); });

    auto const exporting = std::make_shared<ExportChoice>();
    auto* exports = tiles->add_subcommand("export", "write tiles into one file, FILE.pmtiles or FILE.mbtiles");
    exports->add_option("FILE", exporting->file, "its name says the format")->required();
    add_choice(*exports, *exporting, "ID,…: vector tiles with these layers, or a combination");
    exports->add_option("--style", exporting->style, "ID: pictures in this style, zoom 5-14 unless --zoom says otherwise");
    exports->add_option("--format", exporting->format, "of pictures: png or webp")->check(CLI::IsMember({"png", "webp"}));
    exports->add_option("--scale", exporting->scale, "of pictures: 1, or 2 for twice the pixels")->check(CLI::IsMember({1, 2}));
    exports->add_option("--at", exporting->at, "as of a day, like 2025-06-30");
    exports->callback([&context, exporting] { export_tiles(*exporting, context); });

    auto const explaining = std::make_shared<ExplainChoice>();
    auto* explains = tiles->add_subcommand("explain", "what is in a tile, how large each part is, and where the time goes that it takes");
    explains->add_option("TILE", explaining->tile, "zoom/column/row")->required();
    add_url(*explains, explaining->url);
    explains->add_option("--layer", explaining->layers, "ID,…: layers or a combination; all of them without it");
    explains->add_option("--at", explaining->at, "as of a day");
    explains->add_option("--filter", explaining->filter, "CQL2 text, of a single layer");
    explains->add_flag("--json", explaining->as_json, "the daemon's answer as it is");
    explains->callback([explaining] { explain(*explaining); });
}

}  // namespace cli
