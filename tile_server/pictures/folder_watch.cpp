#include "tile_server/pictures/folder_watch.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tile_server {

namespace fs = std::filesystem;

FolderWatch::FolderWatch(std::vector<fs::path> places, std::function<void()> changed)
    : places_{std::move(places)}, changed_{std::move(changed)}, known_{look()} {}

void FolderWatch::start(std::chrono::milliseconds interval) {
    thread_ = std::thread{[this, interval] { follow(interval); }};
}

FolderWatch::~FolderWatch() {
    {
        std::lock_guard const lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

/// Names, sizes and times of all files.
std::string FolderWatch::look() const {
    std::vector<std::string> lines;
    auto const add = [&](fs::path const& file) {
        std::error_code gone;  // while we look
        auto const size = fs::file_size(file, gone);
        auto const time = fs::last_write_time(file, gone);
        if (!gone) lines.push_back(fmt::format("{} {} {}\n", file.string(), size, time.time_since_epoch().count()));
    };
    for (auto const& place : places_) {
        std::error_code gone;
        if (fs::is_regular_file(place, gone)) add(place);
        for (fs::recursive_directory_iterator at{place, gone}, end; !gone && at != end; at.increment(gone)) {
            if (at->is_regular_file(gone)) add(at->path());
        }
    }
    std::sort(lines.begin(), lines.end());
    std::string all;
    for (auto const& line : lines) all += line;
    return all;
}

void FolderWatch::follow(std::chrono::milliseconds interval) {
    std::string before = known_;
    std::unique_lock lock{mutex_};
    while (!wake_.wait_for(lock, interval, [this] { return stopping_; })) {
        auto now = look();
        bool const is_settled = now == before;
        before = std::move(now);
        if (!is_settled || before == known_) continue;
        known_ = before;
        lock.unlock();
        changed_();
        lock.lock();
    }
}

}  // namespace tile_server
