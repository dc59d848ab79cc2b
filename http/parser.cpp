#include "http/parser.hpp"

#include "http/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace http {
namespace {

constexpr std::size_t kMostFields = 100;
constexpr std::size_t kLongestChunkLine = 256;

/// nginx passes these under other names, because Pistache's parser (which we do not use) answers 415 or 500 to legal
/// values; handlers see the ordinary names.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kForwarded{{
    {"X-Ocop-Accept", "Accept"},
    {"X-Ocop-Content-Type", "Content-Type"},
    {"X-Ocop-Cookie", "Cookie"},
    {"X-Ocop-Cache-Control", "Cache-Control"},
}};

bool is_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_control(unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; }

bool is_host_value(std::string_view host) {
    return std::all_of(host.begin(), host.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || std::string_view{".-:[]_~%!$&'()*+,;="}.find(static_cast<char>(c)) != std::string_view::npos;
    });
}

}  // namespace

void RequestParser::reset() {
    auto const limits = limits_;
    *this = RequestParser{limits};
}

bool RequestParser::take_continue() { return std::exchange(wants_continue_, false); }

RequestParser::Progress RequestParser::refuse(int status, char const* slug, char const* title, std::string detail) {
    refusal_ = {status, slug, title, std::move(detail)};
    keep_alive_ = false;
    phase_ = Phase::done;
    return Progress::refused;
}

RequestParser::Progress RequestParser::bad(std::string detail) { return refuse(400, "bad-request", "Bad request", std::move(detail)); }

RequestParser::Progress RequestParser::feed(std::string_view bytes) { return phase_ == Phase::head ? feed_head(bytes) : feed_body(bytes); }

RequestParser::Progress RequestParser::feed_head(std::string_view bytes) {
    buffer_.append(bytes);
    for (; scanned_ < buffer_.size(); ++scanned_) {
        auto const c = static_cast<unsigned char>(buffer_[scanned_]);
        bool const after_cr = scanned_ > line_start_ && buffer_[scanned_ - 1] == '\r';
        if (c == '\n') {
            if (!after_cr) return bad("a line of the head ends without a carriage return");
        } else if (after_cr) {
            return bad("the head holds a carriage return that does not end a line");
        } else if (c != '\r') {
            if (is_control(c)) return bad(fmt::format("the head holds the control character 0x{:02x}", c));
            continue;
        } else {
            continue;
        }

        auto const line = std::string_view{buffer_}.substr(line_start_, scanned_ - 1 - line_start_);
        line_start_ = scanned_ + 1;
        auto progress = Progress::incomplete;
        if (!has_request_line_) {
            if (line.empty()) {
                if (++blank_lines_ > 2) return bad("the request does not start with a request line");
                continue;
            }
            has_request_line_ = true;
            progress = read_request_line(line);
        } else if (!line.empty()) {
            progress = read_header_line(line);
        } else {
            if (line_start_ > limits_.head_bytes) break;
            auto const rest = std::string{std::string_view{buffer_}.substr(line_start_)};
            progress = finish_head();
            if (progress == Progress::refused) return progress;
            buffer_.clear();
            scanned_ = line_start_ = 0;
            return feed_body(rest);
        }
        if (progress == Progress::refused) return progress;
    }
    if (!has_request_line_ && buffer_.size() - line_start_ > limits_.target_bytes + 64) {
        return refuse(414, "target-too-long", "Target too long", fmt::format("the address may be {} bytes long", limits_.target_bytes));
    }
    if (scanned_ >= limits_.head_bytes) {
        return refuse(431, "head-too-large", "Head too large", fmt::format("the head may be {} bytes long", limits_.head_bytes));
    }
    return Progress::incomplete;
}

RequestParser::Progress RequestParser::read_request_line(std::string_view line) {
    auto const first = line.find(' ');
    auto const last = line.rfind(' ');
    if (first == std::string_view::npos || last == first) return bad("the request line is not: method, address, version");
    auto const method = line.substr(0, first);
    auto target = line.substr(first + 1, last - first - 1);
    auto const version = line.substr(last + 1);
    if (!is_token(method) || method.size() > 32) return bad("the method is not a word");
    if (version.size() != 8 || !version.starts_with("HTTP/") || version[6] != '.' || !is_digits(version.substr(7))) {
        return bad("the version is not HTTP/1.1");
    }
    if (version[5] != '1') {
        return refuse(505, "version-not-supported", "Version not supported", "this server speaks HTTP/1.1 and HTTP/1.0");
    }
    if (target.size() > limits_.target_bytes) {
        return refuse(414, "target-too-long", "Target too long", fmt::format("the address is {} bytes long, may be {}", target.size(), limits_.target_bytes));
    }
    if (target.find_first_of(" \t#") != std::string_view::npos || target.empty()) return bad("the address holds a space, a tab or a '#'");
    if (target.starts_with("http://") || target.starts_with("https://")) {  // absolute-form, RFC 9112 §3.2.2
        auto const slash = target.find_first_of("/?", target.find("//") + 2);
        target = slash == std::string_view::npos ? std::string_view{"/"} : target.substr(slash);
    }
    if (target.front() != '/' && !(target == "*" && method == "OPTIONS")) return bad("the address does not start with '/'");

    http10_ = version[7] == '0';
    keep_alive_ = !http10_;
    request_.method = std::string{method};
    request_.target = std::string{target};
    auto const question = std::min(target.find('?'), target.size());
    request_.path = std::string{target.substr(0, question)};
    request_.raw_query = std::string{target.substr(std::min(question + 1, target.size()))};
    return Progress::incomplete;
}

RequestParser::Progress RequestParser::read_header_line(std::string_view line) {
    if (fields_.size() == kMostFields) {
        return refuse(431, "head-too-large", "Head too large", fmt::format("the head may have {} fields", kMostFields));
    }
    auto const colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return bad("a header line is not: name, colon, value");
    fields_.emplace_back(std::string{line.substr(0, colon)}, std::string{trim(line.substr(colon + 1))});
    return Progress::incomplete;
}

RequestParser::Progress RequestParser::finish_head() {
    std::size_t hosts = 0;
    std::string_view length;
    std::size_t lengths = 0;
    std::string_view encoding;
    std::size_t encodings = 0;
    for (auto const& [name, value] : fields_) {
        if (equals_ignoring_case(name, "Host")) {
            ++hosts;
            if (!is_host_value(value)) return bad("the Host header is not a host");
        } else if (equals_ignoring_case(name, "Content-Length")) {
            ++lengths;
            length = value;
        } else if (equals_ignoring_case(name, "Transfer-Encoding")) {
            ++encodings;
            encoding = value;
        } else if (equals_ignoring_case(name, "Connection")) {
            for (std::string_view rest = value; !rest.empty();) {
                if (equals_ignoring_case(next_element(rest), "close")) keep_alive_ = false;
            }
        } else if (equals_ignoring_case(name, "Expect")) {
            if (!equals_ignoring_case(value, "100-continue")) {
                return refuse(417, "expectation-failed", "Expectation failed", "the only expectation we know is 100-continue");
            }
            wants_continue_ = !http10_;
        }
    }
    if (hosts > 1 || (hosts == 0 && !http10_)) return bad("a request has one Host header");
    if (lengths > 1) return bad("a request has one Content-Length header");
    if (lengths == 1 && !is_digits(length)) return bad("Content-Length is not a number");
    if (encodings > 0 && lengths > 0) return bad("Content-Length and Transfer-Encoding exclude each other");
    if (encodings > 1 || (encodings == 1 && (http10_ || !equals_ignoring_case(encoding, "chunked")))) {
        return bad("the only Transfer-Encoding we know is chunked");
    }

    remaining_ = 0;
    if (lengths == 1) {
        length.remove_prefix(std::min(length.find_first_not_of('0'), length.size()));
        if (length.size() > 15 || (!length.empty() && std::stoull(std::string{length}) > most_body_bytes())) {
            return refuse(413, "payload-too-large", "Payload too large", fmt::format("the body may be {} bytes long", most_body_bytes()));
        }
        remaining_ = length.empty() ? 0 : std::stoull(std::string{length});
    }
    restore_forwarded_headers();
    phase_ = encodings == 1 ? Phase::chunk_size : Phase::fixed_body;
    if (phase_ == Phase::fixed_body && remaining_ == 0) wants_continue_ = false;
    return Progress::incomplete;
}

void RequestParser::restore_forwarded_headers() {
    for (auto const& [forwarded, ordinary] : kForwarded) {
        auto const is_forwarded = [name = forwarded](auto const& field) { return equals_ignoring_case(field.first, name); };
        if (std::none_of(fields_.begin(), fields_.end(), is_forwarded)) continue;
        std::erase_if(fields_, [name = ordinary](auto const& field) { return equals_ignoring_case(field.first, name); });
        for (auto& field : fields_) {
            if (is_forwarded(field)) field.first = std::string{ordinary};
        }
    }
    for (auto& [name, value] : fields_) request_.headers.add(std::move(name), std::move(value));
    fields_.clear();
}

std::size_t RequestParser::most_body_bytes() const {
    auto const found = limits_.body_bytes_of.find(request_.path);
    return found == limits_.body_bytes_of.end() ? limits_.body_bytes : found->second;
}

RequestParser::Progress RequestParser::feed_body(std::string_view bytes) {
    while (true) {
        switch (phase_) {
        case Phase::fixed_body:
        case Phase::chunk_data: {
            auto const taken = std::min(bytes.size(), remaining_);
            request_.body.append(bytes.substr(0, taken));
            bytes.remove_prefix(taken);
            remaining_ -= taken;
            if (taken > 0) wants_continue_ = false;
            if (remaining_ > 0) return Progress::incomplete;
            phase_ = phase_ == Phase::fixed_body ? Phase::done : Phase::chunk_end;
            break;
        }
        case Phase::chunk_size:
        case Phase::chunk_end:
        case Phase::trailer: {
            auto const end = bytes.find('\n');
            auto const taken = end == std::string_view::npos ? bytes.size() : end + 1;
            buffer_.append(bytes.substr(0, taken));
            bytes.remove_prefix(taken);
            if (phase_ == Phase::trailer) trailer_bytes_ += taken;
            if (trailer_bytes_ > limits_.head_bytes) {
                return refuse(431, "head-too-large", "Head too large", "the trailer of the body is too long");
            }
            if (phase_ != Phase::trailer && buffer_.size() > kLongestChunkLine) return bad("a chunk of the body has a line that is too long");
            if (end == std::string_view::npos) return Progress::incomplete;
            if (!buffer_.ends_with("\r\n")) return bad("a line of the body's chunks ends without a carriage return");
            auto const line = buffer_.substr(0, buffer_.size() - 2);
            buffer_.clear();
            wants_continue_ = false;
            if (phase_ == Phase::trailer) {
                if (line.empty()) phase_ = Phase::done;
            } else if (phase_ == Phase::chunk_end) {
                if (!line.empty()) return bad("a chunk of the body is longer than it says");
                phase_ = Phase::chunk_size;
            } else {
                auto const digits = trim(std::string_view{line}.substr(0, line.find(';')));
                bool const is_hex = !digits.empty() && digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
                if (!is_hex) return bad("the length of a chunk is not a hexadecimal number");
                auto const size = digits.size() > 12 ? most_body_bytes() + 1 : std::stoull(std::string{digits}, nullptr, 16);
                if (size > most_body_bytes() - request_.body.size()) {
                    return refuse(413, "payload-too-large", "Payload too large", fmt::format("the body may be {} bytes long", most_body_bytes()));
                }
                remaining_ = size;
                phase_ = size == 0 ? Phase::trailer : Phase::chunk_data;
            }
            break;
        }
        case Phase::head:
        case Phase::done: surplus_ += bytes.size(); return Progress::complete;
        }
    }
}

}  // namespace http
