#pragma once

#include <geos_c.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

/// GEOS with its handle; one thread at a time.
namespace gis_core::cql2 {

class Geos {
public:
    struct Free {
        GEOSContextHandle_t context;
        void operator()(GEOSGeometry* geometry) const { GEOSGeom_destroy_r(context, geometry); }
        void operator()(GEOSPreparedGeometry const* prepared) const { GEOSPreparedGeom_destroy_r(context, prepared); }
    };
    using Shape = std::unique_ptr<GEOSGeometry, Free>;
    using Prepared = std::unique_ptr<GEOSPreparedGeometry const, Free>;

    Geos() : context_{GEOS_init_r()} {
        GEOSContext_setErrorMessageHandler_r(
            context_, [](char const* message, void* self) { static_cast<Geos*>(self)->message_ = message; }, this);
        GEOSContext_setNoticeMessageHandler_r(
            context_, [](char const*, void*) {}, nullptr);
    }
    ~Geos() { GEOS_finish_r(context_); }
    Geos(Geos const&) = delete;
    Geos& operator=(Geos const&) = delete;

    GEOSContextHandle_t context() const { return context_; }
    std::string const& message() const { return message_; }

    Shape from_wkt(std::string const& wkt) {
        auto* const reader = GEOSWKTReader_create_r(context_);
        Shape shape{GEOSWKTReader_read_r(context_, reader, wkt.c_str()), Free{context_}};
        GEOSWKTReader_destroy_r(context_, reader);
        if (!shape) throw std::runtime_error{"GEOS: " + message_};
        return shape;
    }
    /// Well-known binary in hexadecimal digits.
    Shape from_hex(std::string const& digits) {
        auto* const reader = GEOSWKBReader_create_r(context_);
        Shape shape{GEOSWKBReader_readHEX_r(context_, reader, reinterpret_cast<unsigned char const*>(digits.data()), digits.size()), Free{context_}};
        GEOSWKBReader_destroy_r(context_, reader);
        if (!shape) throw std::runtime_error{"GEOS: " + message_};
        return shape;
    }
    Shape from_wkb(std::string_view bytes) {
        auto* const reader = GEOSWKBReader_create_r(context_);
        Shape shape{GEOSWKBReader_read_r(context_, reader, reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size()), Free{context_}};
        GEOSWKBReader_destroy_r(context_, reader);
        if (!shape) throw std::runtime_error{"GEOS: " + message_};
        return shape;
    }
    Shape point(double x, double y) { return {GEOSGeom_createPointFromXY_r(context_, x, y), Free{context_}}; }
    Prepared prepare(GEOSGeometry const* shape) { return {GEOSPrepare_r(context_, shape), Free{context_}}; }

private:
    GEOSContextHandle_t context_;
    std::string message_;
};

}  // namespace gis_core::cql2
