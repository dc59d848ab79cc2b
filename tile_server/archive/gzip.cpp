#include "tile_server/archive/gzip.hpp"

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <new>

namespace tile_server {
namespace {

constexpr int kGzip = 15 + 16;  // the largest window, and a gzip head

}  // namespace

std::string gzip(std::string_view bytes, int level) {
    struct Free {
        void operator()(libdeflate_compressor* compressor) const noexcept { libdeflate_free_compressor(compressor); }
    };
    thread_local std::map<int, std::unique_ptr<libdeflate_compressor, Free>> compressors;
    auto& compressor = compressors[level];
    if (!compressor) compressor.reset(libdeflate_alloc_compressor(level));
    if (!compressor) throw std::bad_alloc{};
    std::string out(libdeflate_gzip_compress_bound(compressor.get(), bytes.size()), '\0');
    out.resize(libdeflate_gzip_compress(compressor.get(), bytes.data(), bytes.size(), out.data(), out.size()));
    return out;
}

std::string quick_gzip(std::string_view bytes) {
    thread_local std::string memory(ISAL_DEF_LVL1_DEFAULT, '\0');
    isal_zstream stream{};
    isal_deflate_stateless_init(&stream);
    stream.level = 1;
    stream.level_buf = reinterpret_cast<std::uint8_t*>(memory.data());
    stream.level_buf_size = static_cast<std::uint32_t>(memory.size());
    stream.gzip_flag = IGZIP_GZIP;
    stream.end_of_stream = 1;
    stream.flush = NO_FLUSH;
    std::string out(bytes.size() + bytes.size() / 8 + 512, '\0');
    stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<std::uint32_t>(bytes.size());
    stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    stream.avail_out = static_cast<std::uint32_t>(out.size());
    if (isal_deflate_stateless(&stream) != COMP_OK || stream.avail_in > 0) return gzip(bytes, 1);
    out.resize(stream.total_out);
    return out;
}

std::optional<std::string> gunzip(std::string_view bytes, std::size_t most) {
    z_stream stream{};
    if (inflateInit2(&stream, kGzip) != Z_OK) throw std::bad_alloc{};
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::string out;
    int state = Z_OK;
    while (state == Z_OK) {
        auto const had = out.size();
        if (had > most) break;
        out.resize(std::min(std::max<std::size_t>(2 * had, 16 * 1024), most + 1));
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + had);
        stream.avail_out = static_cast<uInt>(out.size() - had);
        state = inflate(&stream, Z_NO_FLUSH);
        auto const is_stuck = state == Z_OK && stream.avail_out > 0;  // wants input that is not there
        out.resize(out.size() - stream.avail_out);
        if (is_stuck) break;
    }
    inflateEnd(&stream);
    if (state != Z_STREAM_END || out.size() > most) return std::nullopt;
    return out;
}

}  // namespace tile_server
