#include "tile_server/mvt_geometry.hpp"

#include "gis_core/error.hpp"
#include "tile_server/store/grid_shape.hpp"
#include "tile_server/trace.hpp"

#define GEOS_USE_ONLY_R_API
#include <geos_c.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
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
std::int64_t doubled_area(std::span<Cell const> ring) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        auto const& [x, y] = ring[i];
        auto const& [next_x, next_y] = ring[i + 1 == ring.size() ? 0 : i + 1];
        sum += std::int64_t{x} * next_y - std::int64_t{next_x} * y;
    }
    return sum;
}

/// Wound as its part in the polygon asks; the first corner is not repeated. False: nothing is left of it.
bool add_ring(std::span<Cell const> ring, bool is_hole, Commands& commands) {
    auto const area = ring.size() < 3 ? 0 : doubled_area(ring);
    if (area == 0) return false;
    if ((area > 0) == is_hole) {  // the other way round, from the same corner
        commands.move_to(ring.front());
        commands.line_to(ring.rbegin(), ring.rend() - 1);
    } else {
        commands.move_to(ring.front());
        commands.line_to(ring.begin() + 1, ring.end());
    }
    commands.close();
    return true;
}

bool add_ring_of(GEOSGeometry const* line, bool is_hole, Commands& commands) {
    auto cells = cells_of(line);
    while (cells.size() > 1 && cells.front() == cells.back()) cells.pop_back();
    return add_ring(cells, is_hole, commands);
}

void add(GEOSGeometry const* geometry, GeometryKind kind, Commands& commands) {
    auto* const handle = context().handle;
    switch (GEOSGeomTypeId_r(handle, geometry)) {
    case GEOS_POLYGON:
        if (kind != GeometryKind::polygon || GEOSisEmpty_r(handle, geometry) == 1) return;
        if (!add_ring_of(GEOSGetExteriorRing_r(handle, geometry), false, commands)) return;
        for (int i = 0; i < GEOSGetNumInteriorRings_r(handle, geometry); ++i) add_ring_of(GEOSGetInteriorRingN_r(handle, geometry, i), true, commands);
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

/// What of a geometry in tile units is left in the tile and its buffer, on whole units.
TileGeometry clipped(Geometry geometry, GeometryKind kind, bool on_grid) {
    auto* const handle = context().handle;
    TileGeometry out{kind, {}};
    double west = 0, south = 0, east = 0, north = 0;
    GEOSGeom_getXMin_r(handle, geometry.get(), &west);
    GEOSGeom_getYMin_r(handle, geometry.get(), &south);
    GEOSGeom_getXMax_r(handle, geometry.get(), &east);
    GEOSGeom_getYMax_r(handle, geometry.get(), &north);
    constexpr double kLow = -kBuffer, kHigh = kExtent + kBuffer;
    if (east < kLow || west > kHigh || north < kLow || south > kHigh) return out;
    bool const is_inside = west >= kLow && east <= kHigh && south >= kLow && north <= kHigh;
    auto const cut = [&](GEOSGeometry const* whole) {
        if (kind == GeometryKind::line) return GEOSClipByRect_r(handle, whole, kLow, kLow, kHigh, kHigh);
        if (is_inside) return GEOSGeom_setPrecision_r(handle, whole, 1.0, 0);
        Geometry const box{GEOSGeom_createRectangle_r(handle, kLow, kLow, kHigh, kHigh)};
        return GEOSIntersectionPrec_r(handle, whole, box.get(), 1.0);  // noded on the grid: valid
    };
    bool const is_done = is_inside && (kind == GeometryKind::line || on_grid);
    if (!is_done) {
        Geometry result{cut(geometry.get())};
        if (!result) {  // it crosses itself: by rounding in the store, where two corners lie within a centimetre
            geometry.reset(GEOSMakeValid_r(handle, geometry.get()));
            if (geometry) result.reset(cut(geometry.get()));
        }
        geometry = std::move(result);
    }
    if (!geometry) throw gis_core::Error{gis_core::ErrorKind::internal, "a geometry of the record cannot be clipped"};
    Commands commands{out.commands};
    add(geometry.get(), out.kind, commands);
    return out;
}

struct Position {
    double x, y;
};
using Line = std::vector<Position>;

/// What of a ring lies on one side of a line along an axis (Sutherland and Hodgman). Where it leaves and comes back more than once, edges
/// along the line cover each other; is_simple() finds them.
template <typename Inside, typename Crossing>
Line kept(Line const& ring, Inside&& is_inside, Crossing&& crossing) {
    Line out;
    out.reserve(ring.size() + 4);
    for (std::size_t i = 0; i < ring.size(); ++i) {
        auto const& from = ring[i];
        auto const& to = ring[(i + 1) % ring.size()];
        if (is_inside(from)) out.push_back(from);
        if (is_inside(from) != is_inside(to)) out.push_back(crossing(from, to));
    }
    return out;
}

Line cut_to_buffer(Line ring) {
    constexpr double kLow = -kBuffer, kHigh = kExtent + kBuffer;
    for (double const x : {kLow, kHigh}) {
        ring = kept(
            ring, [&](Position const& p) { return x == kLow ? p.x >= x : p.x <= x; },
            [&](Position const& a, Position const& b) {
                return Position{x, a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x)};
            });
    }
    for (double const y : {kLow, kHigh}) {
        ring = kept(
            ring, [&](Position const& p) { return y == kLow ? p.y >= y : p.y <= y; },
            [&](Position const& a, Position const& b) {
                return Position{a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y), y};
            });
    }
    return ring;
}

/// True when no two edges of the rings cross, touch or cover each other, but for the corner that neighbours share.
bool is_simple(TilePolygons const& polygons) {
    struct Edge {
        Cell a, b;
        std::int32_t west, east;
        std::size_t begin, end, number;  // of the corners of its ring, and of its own among them
    };
    static thread_local std::vector<Edge> edges;
    edges.clear();
    std::size_t begin = 0;
    for (auto const& ring : polygons.rings) {
        for (auto i = begin; i < ring.end; ++i) {
            auto const& a = polygons.corners[i];
            auto const& b = polygons.corners[i + 1 == ring.end ? begin : i + 1];
            edges.push_back({a, b, std::min(a.first, b.first), std::max(a.first, b.first), begin, ring.end, i});
        }
        begin = ring.end;
    }
    std::sort(edges.begin(), edges.end(), [](Edge const& x, Edge const& y) { return x.west < y.west; });
    auto const side = [](Cell a, Cell b, Cell c) {
        auto const twice = std::int64_t{b.first - a.first} * (c.second - a.second) - std::int64_t{b.second - a.second} * (c.first - a.first);
        return (twice > 0) - (twice < 0);
    };
    for (std::size_t i = 0; i < edges.size(); ++i) {
        auto const& x = edges[i];
        for (std::size_t k = i + 1; k < edges.size() && edges[k].west <= x.east; ++k) {
            auto const& y = edges[k];
            if (std::min(y.a.second, y.b.second) > std::max(x.a.second, x.b.second) || std::max(y.a.second, y.b.second) < std::min(x.a.second, x.b.second))
                continue;
            auto const of_y = side(x.a, x.b, y.a) * side(x.a, x.b, y.b), of_x = side(y.a, y.b, x.a) * side(y.a, y.b, x.b);
            if (of_y > 0 || of_x > 0) continue;  // one lies on one side of the other
            auto const follows = [](Edge const& one, Edge const& other) {
                return one.begin == other.begin && (one.number + 1 == one.end ? one.begin : one.number + 1) == other.number;
            };
            if (!follows(x, y) && !follows(y, x)) return false;
            auto const& [first, second] = follows(x, y) ? std::pair{x, y} : std::pair{y, x};
            if (side(first.a, first.b, second.b) == 0 &&  // straight on, or back upon itself
                std::int64_t{first.b.first - first.a.first} * (second.b.first - second.a.first) +
                        std::int64_t{first.b.second - first.a.second} * (second.b.second - second.a.second) <
                    0)
                return false;
        }
    }
    return true;
}

/// The polygons cut and rounded, where that alone leaves them valid, as it does with most. Empty: GEOS has to.
std::optional<TileGeometry> rounded_polygons(GridShapeView shape, Transform transform, bool is_on_grid) {
    static thread_local TilePolygons polygons;
    static thread_local Line ring;
    polygons.clear();
    auto& corners = polygons.corners;
    bool has_exterior = false, is_cut = false;
    for (std::size_t i = 0; i < shape.size();) {
        auto const is_hole = shape[i] < 0;
        auto const end = i + 1 + 2 * static_cast<std::size_t>(std::abs(shape[i]));
        ring.clear();
        bool is_inside = true;
        for (++i; i + 2 < end; i += 2) {  // the last is the first
            Position at{shape[i] * kGridStep_m, shape[i + 1] * kGridStep_m};
            to_units(&at.x, &at.y, &transform);
            is_inside = is_inside && at.x >= -kBuffer && at.x <= kExtent + kBuffer && at.y >= -kBuffer && at.y <= kExtent + kBuffer;
            ring.push_back(at);
        }
        i = end;
        if (!is_inside) {
            ring = cut_to_buffer(std::move(ring));
            is_cut = true;
        }
        auto const begin = corners.size();
        for (auto const& at : ring) {
            Cell const cell{static_cast<std::int32_t>(std::lround(at.x)), static_cast<std::int32_t>(std::lround(at.y))};
            if (corners.size() == begin || corners.back() != cell) corners.push_back(cell);
        }
        while (corners.size() > begin + 1 && corners[begin] == corners.back()) corners.pop_back();
        auto const is_left = corners.size() > begin + 2;
        if (!is_hole) has_exterior = is_left;
        if (is_left && has_exterior) polygons.rings.push_back({corners.size(), is_hole});
        else corners.resize(begin);  // smaller than a unit
    }
    if ((!is_on_grid || is_cut) && !is_simple(polygons)) return std::nullopt;
    return to_tile_polygons(polygons);
}

void append_part(GEOSGeometry const* line, bool is_hole, GridShape& out) {
    auto* const handle = context().handle;
    auto const* sequence = GEOSGeom_getCoordSeq_r(handle, line);
    unsigned size = 0;
    GEOSCoordSeq_getSize_r(handle, sequence, &size);
    if (size == 0) return;
    out.push_back(is_hole ? -static_cast<std::int32_t>(size) : static_cast<std::int32_t>(size));
    for (unsigned i = 0; i < size; ++i) {
        double x = 0, y = 0;
        GEOSCoordSeq_getXY_r(handle, sequence, i, &x, &y);
        out.push_back(to_grid(x));
        out.push_back(to_grid(y));
    }
}

void append(GEOSGeometry const* geometry, GridShape& out) {
    auto* const handle = context().handle;
    switch (GEOSGeomTypeId_r(handle, geometry)) {
    case GEOS_POLYGON:
        if (GEOSisEmpty_r(handle, geometry) == 1) return;
        append_part(GEOSGetExteriorRing_r(handle, geometry), false, out);
        for (int i = 0; i < GEOSGetNumInteriorRings_r(handle, geometry); ++i) append_part(GEOSGetInteriorRingN_r(handle, geometry, i), true, out);
        return;
    case GEOS_LINESTRING: append_part(geometry, false, out); return;
    case GEOS_MULTIPOLYGON:
    case GEOS_MULTILINESTRING:
        for (int i = 0; i < GEOSGetNumGeometries_r(handle, geometry); ++i) append(GEOSGetGeometryN_r(handle, geometry, i), out);
        return;
    default: throw gis_core::Error{gis_core::ErrorKind::internal, "a geometry of the record is neither lines nor polygons"};
    }
}

}  // namespace

TileGeometry to_tile_polygons(TilePolygons const& polygons) {
    TileGeometry out{GeometryKind::polygon, {}};
    out.commands.reserve(2 * polygons.corners.size() + 3 * polygons.rings.size());
    Commands commands{out.commands};
    bool has_exterior = false;
    std::size_t begin = 0;
    for (auto const& [end, is_hole] : polygons.rings) {
        std::span const ring{polygons.corners.data() + begin, end - begin};
        begin = end;
        if (is_hole && !has_exterior) continue;
        auto const is_left = add_ring(ring, is_hole, commands);
        if (!is_hole) has_exterior = is_left;
    }
    return out;
}

TileGeometry to_tile_geometry(GeometryKind kind, GridShapeView shape, gis_core::TileId tile, bool on_grid) {
    trace::StageTimer const timer{trace::Stage::geometry};
    auto* const handle = context().handle;
    auto const bounds = tile.bounds();
    Transform transform{bounds.west, bounds.north, (bounds.east - bounds.west) / kExtent, on_grid};
    if (kind == GeometryKind::polygon) {
        if (auto rounded = rounded_polygons(shape, transform, on_grid)) return *std::move(rounded);
    }
    std::vector<GEOSGeometry*> parts, holes;
    GEOSGeometry* outer = nullptr;
    auto const close_polygon = [&] {
        if (outer != nullptr) parts.push_back(GEOSGeom_createPolygon_r(handle, outer, holes.data(), static_cast<unsigned>(holes.size())));
        outer = nullptr;
        holes.clear();
    };
    for (std::size_t i = 0; i < shape.size();) {
        auto const is_hole = shape[i] < 0;
        auto const size = static_cast<unsigned>(std::abs(shape[i++]));
        auto* const sequence = GEOSCoordSeq_create_r(handle, size, 2);
        for (unsigned k = 0; k < size; ++k, i += 2) {
            double x = shape[i] * kGridStep_m, y = shape[i + 1] * kGridStep_m;
            to_units(&x, &y, &transform);
            GEOSCoordSeq_setXY_r(handle, sequence, k, x, y);
        }
        if (kind == GeometryKind::line) {
            parts.push_back(GEOSGeom_createLineString_r(handle, sequence));
            continue;
        }
        auto* const ring = GEOSGeom_createLinearRing_r(handle, sequence);
        if (is_hole) {
            holes.push_back(ring);
        } else {
            close_polygon();
            outer = ring;
        }
    }
    close_polygon();
    if (parts.empty()) return {kind, {}};
    Geometry geometry{GEOSGeom_createCollection_r(handle, kind == GeometryKind::line ? GEOS_MULTILINESTRING : GEOS_MULTIPOLYGON, parts.data(),
                                                  static_cast<unsigned>(parts.size()))};
    return clipped(std::move(geometry), kind, on_grid);
}

GridShape to_grid_shape(std::string_view wkb) {
    auto& own = context();
    Geometry const geometry{GEOSWKBReader_read_r(own.handle, own.reader, reinterpret_cast<unsigned char const*>(wkb.data()), wkb.size())};
    if (!geometry) throw gis_core::Error{gis_core::ErrorKind::internal, "a geometry of the record cannot be read"};
    GridShape out;
    append(geometry.get(), out);
    return out;
}

GridBox box_of(GridShapeView shape) {
    GridBox out{INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN};
    for (std::size_t i = 0; i < shape.size();) {
        auto const end = i + 1 + 2 * static_cast<std::size_t>(std::abs(shape[i]));
        for (++i; i < end; i += 2) out.add({shape[i], shape[i + 1], shape[i], shape[i + 1]});
    }
    return out;
}

ShapeSize measure(GridShapeView shape) {
    if (shape.empty()) return {};
    return {box_of(shape), shape[1], shape[2], static_cast<std::uint32_t>(shape.size())};
}

bool reaches(GridShapeView polygons, GridBox const& box) {
    double const west = box.west, south = box.south, east = box.east, north = box.north;
    bool holds_corner = false;  // the south-west one: edges east of it are counted
    for (std::size_t i = 0; i < polygons.size();) {
        auto const end = i + 1 + 2 * static_cast<std::size_t>(std::abs(polygons[i]));
        for (++i; i + 2 < end; i += 2) {
            double const ax = polygons[i], ay = polygons[i + 1], bx = polygons[i + 2], by = polygons[i + 3];
            if ((ay > south) != (by > south) && ax + (south - ay) * (bx - ax) / (by - ay) > west) holds_corner = !holds_corner;
            if (std::max(ax, bx) < west || std::min(ax, bx) > east || std::max(ay, by) < south || std::min(ay, by) > north) continue;
            auto const side = [&](double x, double y) { return (bx - ax) * (y - ay) - (by - ay) * (x - ax); };
            auto const [low, high] = std::minmax({side(west, south), side(east, south), side(east, north), side(west, north)});
            if (low <= 0 && high >= 0) return true;  // the edge's line cuts the box, or ends at it
        }
        i = end;
    }
    return holds_corner;
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
