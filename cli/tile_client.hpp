#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// Talks to the tile daemon over one connection that is kept.
class TileClient {
public:
    /// url: http://127.0.0.1:PORT, past nginx. \throws gis_core::Error(invalid_argument) for none
    explicit TileClient(std::string url);
    ~TileClient();
    TileClient(TileClient const&) = delete;
    TileClient& operator=(TileClient const&) = delete;

    struct Answer {
        int status = 0;
        std::string body;
    };
    /// 200 and 204; 404 where it is allowed. 503 is tried again. \throws gis_core::Error with what the daemon says
    Answer get(std::string const& path, bool may_be_missing = false);
    /// Calls on_line for each line of the answer as it comes.
    void post(std::string const& path, std::string const& body, std::function<void(std::string_view line)> on_line);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// As it may stand in a path or a query.
std::string percent_encoded(std::string_view text);

}  // namespace cli
