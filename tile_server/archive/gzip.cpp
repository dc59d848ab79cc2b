#include "tile_server/archive/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace tile_server {
namespace {

constexpr int kGzip = 15 + 16;  // the largest window, and a gzip head

}  // namespace

std::string gzip(std::string_view bytes, int level) {
    z_stream stream{};
    if (deflateInit2(&stream, level, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc{};
    std::string out(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib does not write to it
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);  // into so much room it comes to its end
    out.resize(stream.total_out);
    deflateEnd(&stream);
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
