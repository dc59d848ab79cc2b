#pragma once

#include "programme/accounts/secrets.hpp"
#include "programme/dictionary/dictionary.hpp"
#include "programme/imports/jobs.hpp"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

namespace programme::imports {

/// Does the imports that wait, one after the other, beside the workers that answer requests. Any number of nodes may run one. At its
/// stop the job in work is put back; heals by itself when the database was away.
class Worker {
public:
    Worker(std::string conninfo, std::filesystem::path const& data, std::string_view secret_key)
        : conninfo_{std::move(conninfo)}, dictionary_{dictionary::Dictionary::load(data)}, vault_{secret_key} {}
    ~Worker() { stop(); }
    Worker(Worker const&) = delete;
    Worker& operator=(Worker const&) = delete;

    void start();
    void stop();

private:
    void follow();
    bool wait_stopped(int milliseconds);
    bool is_stopping();

    std::string conninfo_;
    dictionary::Dictionary dictionary_;
    accounts::Vault vault_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace programme::imports
