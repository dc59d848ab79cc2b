#pragma once

#include "gis_core/io/table_file.hpp"
#include "http/message.hpp"

#include <functional>

namespace api {

/// Hands every record of a list over, in order. Called once, maybe after the handler has returned.
using RecordFeed = std::function<void(std::function<void(gis_core::io::Record const&)> const&)>;

/// A list as a file to keep: CSV and GeoJSON streamed as they are read, the others through a temporary file with a quota
/// that is gone as soon as it is sent (or the process dies).
/// \throws Error(overloaded) when two such files are being made already, Error(invalid_argument) past the quota.
http::Response export_list(gis_core::io::FileFormat format, gis_core::io::TableInfo const& info, RecordFeed feed, gis_core::io::FileQuota quota = {});

/// A place among those who make files. \throws Error(overloaded) when there is none.
struct FilePlace {
    FilePlace();
    ~FilePlace();
    FilePlace(FilePlace const&) = delete;
    FilePlace& operator=(FilePlace const&) = delete;
};
/// A file that was made, as an attachment; its name may go, its bytes live as long as the answer.
http::Response send_file(gis_core::io::TemporaryFile const& file, gis_core::io::FileFormat format, std::string const& name);

}  // namespace api
