#include "cli/tile_client.hpp"

#include "gis_core/error.hpp"
#include "gis_core/json.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <thread>

namespace cli {

using gis_core::Error;
using gis_core::ErrorKind;

namespace {

constexpr int kTries = 20;
constexpr auto kPause = std::chrono::milliseconds{500};

struct Cleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// What the daemon refused, in its own words.
Error refusal(int status, std::string const& body, std::string const& what) {
    std::string detail;
    try {
        detail = gis_core::parse_json(body, "problem").value("detail", "");
    } catch (std::exception const&) {
        detail = body.substr(0, 200);  // no problem of ours
    }
    auto const kind = status == 400   ? ErrorKind::invalid_argument
                      : status == 404 ? ErrorKind::not_found
                      : status == 409 ? ErrorKind::conflict
                                      : ErrorKind::upstream;
    return {kind, fmt::format("{} answered {}: {}", what, status, detail)};
}

}  // namespace

class TileClient::Impl {
public:
    explicit Impl(std::string url) : url_{std::move(url)}, handle_{curl_easy_init()} {
        while (url_.ends_with('/')) url_.pop_back();
        if (!url_.starts_with("http://") && !url_.starts_with("https://")) {
            throw gis_core::invalid_field(
                "--url", url_, "the tile daemon's own address, like http://127.0.0.1:8081 (TILES_PORT in .ocopmap/run/ports); else OCOPMAP_TILES_URL");
        }
        if (!handle_) throw Error{ErrorKind::internal, "libcurl could not begin"};
    }

    Answer ask(std::string const& path, std::string const* body, std::function<void(std::string_view)> on_line) {
        answer_ = {};
        rest_.clear();
        on_line_ = std::move(on_line);
        thrown_ = nullptr;
        auto* const curl = handle_.get();
        curl_easy_reset(curl);  // keeps the connection
        auto const address = url_ + path;
        curl_easy_setopt(curl, CURLOPT_URL, address.c_str());
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 5L);
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);  // bytes a second, so long
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 60L);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Impl::on_write);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
        std::unique_ptr<curl_slist, Cleanup> headers{curl_slist_append(nullptr, "Expect:")};
        if (body != nullptr) {
            headers.reset(curl_slist_append(headers.release(), "Content-Type: application/json"));
            curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
            curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data());
        }
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
        auto const done = curl_easy_perform(curl);
        if (thrown_) std::rethrow_exception(thrown_);
        if (done != CURLE_OK) {
            throw Error{ErrorKind::upstream, fmt::format("the tile daemon at {} does not answer as it should: {}; does it run, and is --url right?", url_,
                                                         curl_easy_strerror(done))};
        }
        answer_.status = status();
        return std::move(answer_);
    }

private:
    int status() const {
        long code = 0;
        curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &code);
        return static_cast<int>(code);
    }
    static std::size_t on_write(char* bytes, std::size_t size, std::size_t count, void* self) {
        try {
            static_cast<Impl*>(self)->take({bytes, size * count});
            return size * count;
        } catch (...) {  // not through C
            static_cast<Impl*>(self)->thrown_ = std::current_exception();
            return CURL_WRITEFUNC_ERROR;
        }
    }
    void take(std::string_view bytes) {
        if (!on_line_ || status() != 200) {
            answer_.body += bytes;
            return;
        }
        rest_ += bytes;
        std::size_t begin = 0;
        for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
            on_line_(std::string_view{rest_}.substr(begin, end - begin));
            begin = end + 1;
        }
        rest_.erase(0, begin);
    }

    std::string url_, rest_;
    std::unique_ptr<CURL, Cleanup> handle_;
    std::function<void(std::string_view)> on_line_;
    std::exception_ptr thrown_;
    Answer answer_;
};

TileClient::TileClient(std::string url) : impl_{std::make_unique<Impl>(std::move(url))} {}
TileClient::~TileClient() = default;

TileClient::Answer TileClient::get(std::string const& path, bool may_be_missing) {
    for (int attempt = 1;; ++attempt) {
        auto answer = impl_->ask(path, nullptr, {});
        if (answer.status == 200 || answer.status == 204 || (answer.status == 404 && may_be_missing)) return answer;
        if (answer.status != 503 || attempt == kTries) throw refusal(answer.status, answer.body, path);
        std::this_thread::sleep_for(kPause);
    }
}

void TileClient::post(std::string const& path, std::string const& body, std::function<void(std::string_view)> on_line) {
    auto const answer = impl_->ask(path, &body, std::move(on_line));
    if (answer.status != 200) throw refusal(answer.status, answer.body, path);
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (char const c : text) {
        auto const is_unreserved =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view{"-._~"}.find(c) != std::string_view::npos;
        if (is_unreserved) out += c;
        else out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

}  // namespace cli
