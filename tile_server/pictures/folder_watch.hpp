#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tile_server {

/// Looks at files and folders from time to time, on a thread of its own, and calls changed() when they are others than before, once they
/// have stayed the same from one look to the next: an editor or a copy may be in the middle of it.
class FolderWatch {
public:
    FolderWatch(std::vector<std::filesystem::path> places, std::function<void()> changed);
    ~FolderWatch();
    void start(std::chrono::milliseconds interval);
    FolderWatch(FolderWatch const&) = delete;
    FolderWatch& operator=(FolderWatch const&) = delete;

private:
    std::string look() const;
    void follow(std::chrono::milliseconds interval);

    std::vector<std::filesystem::path> places_;
    std::function<void()> changed_;
    std::string known_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace tile_server
