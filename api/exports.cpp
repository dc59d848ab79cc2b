#include "api/exports.hpp"

#include "gis_core/date.hpp"
#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <memory>

namespace api {
namespace {

constexpr int kFilesAtATime = 2;
std::atomic<int> files_in_work{0};

struct Descriptor {
    int fd = -1;
    explicit Descriptor(char const* path) : fd{open(path, O_RDONLY | O_CLOEXEC)} {
        if (fd < 0) throw gis_core::Error{gis_core::ErrorKind::internal, "the export file could not be read"};
    }
    ~Descriptor() { close(fd); }
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
};

}  // namespace

FilePlace::FilePlace() {
    if (files_in_work.fetch_add(1) < kFilesAtATime) return;
    --files_in_work;
    throw gis_core::Error{gis_core::ErrorKind::overloaded, "other files are being made; try again in a moment, or take csv or geojson"};
}
FilePlace::~FilePlace() { --files_in_work; }

http::Response send_file(gis_core::io::TemporaryFile const& file, gis_core::io::FileFormat format, std::string const& name) {
    auto const content = std::make_shared<Descriptor>(file.path().c_str());
    auto response = http::Response::stream(gis_core::io::media_type(format), [content](http::BodySink& sink) {
        std::array<char, 65'536> buffer;
        for (off_t at = 0;;) {
            auto const got = pread(content->fd, buffer.data(), buffer.size(), at);
            if (got <= 0) return;
            sink.write({buffer.data(), static_cast<std::size_t>(got)});
            at += got;
        }
    });
    response.headers.add("Content-Disposition", "attachment; filename=\"" + name + "\"");
    response.headers.add("Cache-Control", "no-store");
    response.headers.add("X-Content-Type-Options", "nosniff");
    return response;
}

http::Response export_list(gis_core::io::FileFormat format, gis_core::io::TableInfo const& info, RecordFeed feed, gis_core::io::FileQuota quota) {
    namespace io = gis_core::io;
    auto const file_name = fmt::format("ocopmap-{}-{}.{}", info.name, gis_core::business_date().iso(), io::file_extension(format));
    http::Response response;
    if (io::is_streamed(format)) {
        response = http::Response::stream(io::media_type(format), [format, info, feed = std::move(feed)](http::BodySink& sink) {
            auto const writer = io::make_text_writer(format, info, [&sink](std::string_view bytes) { sink.write(bytes); });
            feed([&](io::Record const& record) { writer->add(record); });
            writer->finish();
        });
    } else {
        FilePlace const place;
        io::TemporaryFile const file{file_name};
        auto const writer = io::make_file_writer(format, info, file, quota);
        feed([&](io::Record const& record) { writer->add(record); });
        writer->finish();
        return send_file(file, format, file_name);
    }
    response.headers.add("Content-Disposition", "attachment; filename=\"" + file_name + "\"");
    response.headers.add("Cache-Control", "no-store");
    response.headers.add("X-Content-Type-Options", "nosniff");
    return response;
}

}  // namespace api
