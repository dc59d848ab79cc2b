#include "tile_server/mvt_geometry.hpp"

#include "gis_core/error.hpp"

#define GEOS_USE_ONLY_R_API
#include <geos_c.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace tile_server {
namespace {

using Cell = std::pair<std::int32_t, std::int32_t>;

struct Context {
    GEOSContextHandle_t handle = GEOS_init_r();
    GEOSWKBReader* reader = GEOSWKBReader_create_r(handle);
    Context() = default;
    Context(Context const&) = delete;
    Context& operator=(Context const&) = delete;
    ~Context() {
        GEOSWKBReader_destroy_r(handle, reader);
        GEOS_finish_r(handle);
    }
};

/// GEOS allows one thread at a time on a context.
Context& context() {
    thread_local Context own;
    return own;
}

struct Destroy {
    void operator()(GEOSGeometry* geometry) const noexcept { GEOSGeom_destroy_r(context().handle, geometry); }
};
using Geometry = std::unique_ptr<GEOSGeometry, Destroy>;

struct Transform {
    double west, north, per_unit;
    bool rounds;
};

int to_units(double* x, double* y, void* data) {
    auto const& t = *static_cast<Transform const*>(data);
    *x = (*x - t.west) / t.per_unit;
    *y = (t.north - *y) / t.per_unit;
    if (t.rounds) {
        *x = std::round(*x);
        *y = std::round(*y);
    }
    return 1;
}

class Commands {
public:
    explicit Commands(std::vector<std::uint32_t>& out) : out_{out} {}
    void move_to(Cell cell) {
        out_.push_back(1U | (1U << 3U));
        step(cell);
    }
    template <typename Iterator>
    void line_to(Iterator first, Iterator last) {
        out_.push_back(2U | (static_cast<std::uint32_t>(last - first) << 3U));
        for (; first != last; ++first) step(*first);
    }
    void close() { out_.push_back(7U | (1U << 3U)); }

private:
    void step(Cell cell) {
        out_.push_back(zigzag(cell.first - at_.first));
        out_.push_back(zigzag(cell.second - at_.second));
        at_ = cell;
    }
    static std::uint32_t zigzag(std::int32_t value) { return (static_cast<std::uint32_t>(value) << 1U) ^ static_cast<std::uint32_t>(value >> 31); }
    std::vector<std::uint32_t>& out_;
    Cell at_{0, 0};
};

/// The coordinates on whole units, without repetitions.
std::vector<Cell> cells_of(GEOSGeometry const* line) {
    auto* const handle = context().handle;
    auto const* sequence = GEOSGeom_getCoordSeq_r(handle, line);
    unsigned int size = 0;
    GEOSCoordSeq_getSize_r(handle, sequence, &size);
    std::vector<Cell> out;
    out.reserve(size);
    for (unsigned int i = 0; i < size; ++i) {
        double x = 0, y = 0;
        GEOSCoordSeq_getXY_r(handle, sequence, i, &x, &y);
        Cell const cell{static_cast<std::int32_t>(std::lround(x)), static_cast<std::int32_t>(std::lround(y))};
        if (out.empty() || out.back() != cell) out.push_back(cell);
    }
    return out;
}

/// Twice the area by the surveyor's formula; positive when clockwise on screen (y down).
std::int64_t doubled_area(std::vector<Cell> const& ring) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i + 1 < ring.size(); ++i) {
        sum += std::int64_t{ring[i].first} * ring[i + 1].second - std::int64_t{ring[i + 1].first} * ring[i].second;
    }
    return sum;
}

bool add_ring(GEOSGeometry const* ring, bool exterior, Commands& commands) {
    auto cells = cells_of(ring);
    auto const area = doubled_area(cells);
    if (cells.size() < 4 || area == 0) return false;
    if ((area > 0) != exterior) std::reverse(cells.begin(), cells.end());
    commands.move_to(cells.front());
    commands.line_to(cells.begin() + 1, cells.end() - 1);
    commands.close();
    return true;
}

void add(GEOSGeometry const* geometry, GeometryKind kind, Commands& commands) {
    auto* const handle = context().handle;
    switch (GEOSGeomTypeId_r(handle, geometry)) {
    case GEOS_POLYGON:
        if (kind != GeometryKind::polygon || GEOSisEmpty_r(handle, geometry) == 1) return;
        if (!add_ring(GEOSGetExteriorRing_r(handle, geometry), true, commands)) return;
        for (int i = 0; i < GEOSGetNumInteriorRings_r(handle, geometry); ++i) add_ring(GEOSGetInteriorRingN_r(handle, geometry, i), false, commands);
        return;
    case GEOS_LINESTRING:
    case GEOS_LINEARRING: {
        if (kind != GeometryKind::line) return;
        auto const cells = cells_of(geometry);
        if (cells.size() < 2) return;
        commands.move_to(cells.front());
        commands.line_to(cells.begin() + 1, cells.end());
        return;
    }
    case GEOS_MULTIPOLYGON:
    case GEOS_MULTILINESTRING:
    case GEOS_GEOMETRYCOLLECTION:
        for (int i = 0; i < GEOSGetNumGeometries_r(handle, geometry); ++i) add(GEOSGetGeometryN_r(handle, geometry, i), kind, commands);
        return;
    default: return;
    }
}

}  // namespace

TileGeometry to_tile_geometry(std::string_view wkb, gis_core::TileId tile, bool on_grid) {
    auto& own = context();
    auto* const handle = own.handle;
    Geometry geometry{GEOSWKBReader_read_r(handle, own.reader, reinterpret_cast<unsigned char const*>(wkb.data()), wkb.size())};
    if (!geometry) throw gis_core::Error{gis_core::ErrorKind::internal, "a geometry of the record cannot be read"};
    TileGeometry out;
    auto const type = GEOSGeomTypeId_r(handle, geometry.get());
    out.kind = type == GEOS_POLYGON || type == GEOS_MULTIPOLYGON ? GeometryKind::polygon : GeometryKind::line;
    if (GEOSisEmpty_r(handle, geometry.get()) == 1) return out;

    auto const bounds = tile.bounds();
    Transform transform{bounds.west, bounds.north, (bounds.east - bounds.west) / kExtent, on_grid};
    geometry.reset(GEOSGeom_transformXY_r(handle, geometry.get(), to_units, &transform));
    double west = 0, south = 0, east = 0, north = 0;
    GEOSGeom_getXMin_r(handle, geometry.get(), &west);
    GEOSGeom_getYMin_r(handle, geometry.get(), &south);
    GEOSGeom_getXMax_r(handle, geometry.get(), &east);
    GEOSGeom_getYMax_r(handle, geometry.get(), &north);
    constexpr double kLow = -kBuffer, kHigh = kExtent + kBuffer;
    if (east < kLow || west > kHigh || north < kLow || south > kHigh) return out;
    bool const is_inside = west >= kLow && east <= kHigh && south >= kLow && north <= kHigh;
    if (out.kind == GeometryKind::line) {
        if (!is_inside) geometry.reset(GEOSClipByRect_r(handle, geometry.get(), kLow, kLow, kHigh, kHigh));
    } else if (!is_inside) {
        Geometry const box{GEOSGeom_createRectangle_r(handle, kLow, kLow, kHigh, kHigh)};
        geometry.reset(GEOSIntersectionPrec_r(handle, geometry.get(), box.get(), 1.0));  // noded on the grid: valid
    } else if (!on_grid) {
        geometry.reset(GEOSGeom_setPrecision_r(handle, geometry.get(), 1.0, 0));
    }
    if (!geometry) throw gis_core::Error{gis_core::ErrorKind::internal, "a geometry of the record cannot be clipped"};
    Commands commands{out.commands};
    add(geometry.get(), out.kind, commands);
    return out;
}

TileGeometry to_tile_point(double x_m, double y_m, gis_core::TileId tile) {
    auto const bounds = tile.bounds();
    auto const per_unit = (bounds.east - bounds.west) / kExtent;
    auto const unit = [](double value) { return static_cast<std::int32_t>(std::clamp(std::round(value), 0.0, double{kExtent - 1})); };
    TileGeometry out{GeometryKind::point, {}};
    Commands{out.commands}.move_to({unit((x_m - bounds.west) / per_unit), unit((bounds.north - y_m) / per_unit)});
    return out;
}

}  // namespace tile_server
