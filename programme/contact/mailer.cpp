#include "programme/contact/mailer.hpp"

#include "gis_core/error.hpp"

#include <curl/curl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string_view>

namespace programme::contact {
namespace {

std::string environment(char const* name) {
    auto const* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
}

bool is_address(std::string_view text) {
    auto const at = text.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '<' && c != '>' && c != ',' && c != '"'; });
}

std::string base64(std::string_view bytes) {
    std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    out.pop_back();  // the NUL
    return out;
}

/// RFC 2047: words of at most 75 characters, no letter cut in two, a line each.
std::string encoded_words(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        auto end = std::min<std::size_t>(text.size(), 42);
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
        out += fmt::format("{}=?UTF-8?B?{}?=", out.empty() ? "" : "\r\n ", base64(text.substr(0, end)));
        text.remove_prefix(end);
    }
    return out;
}

bool is_this_machine(std::string_view url) {
    for (auto const* host : {"smtp://127.0.0.1", "smtp://localhost", "smtp://[::1]"}) {
        auto const rest = url.starts_with(host) ? url.substr(std::string_view{host}.size()) : std::string_view{"?"};
        if (rest.empty() || rest.front() == ':' || rest.front() == '/') return true;
    }
    return false;
}

/// The whole mail, as it goes over the wire.
std::string as_sent(MailConfig const& config, Mail const& mail) {
    auto text = fmt::format(
        "Date: {:%a, %d %b %Y %H:%M:%S} +0000\r\nFrom: OCOP <{}>\r\nTo: <{}>\r\nSubject: {}\r\nMessage-ID: <{}@{}>\r\nAuto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        fmt::gmtime(std::time(nullptr)), config.from, mail.to, encoded_words(mail.subject), mail.id, config.from.substr(config.from.find('@') + 1));
    auto const body = base64(mail.body);
    for (std::size_t at = 0; at < body.size(); at += 76) text += body.substr(at, 76) + "\r\n";
    return text;
}

struct Cleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// What is left to send.
std::size_t on_read(char* into, std::size_t size, std::size_t count, void* rest) {
    auto& text = *static_cast<std::string_view*>(rest);
    auto const taken = std::min(size * count, text.size());
    std::copy_n(text.data(), taken, into);
    text.remove_prefix(taken);
    return taken;
}

int on_progress(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) { return (*static_cast<std::function<bool()> const*>(stop))() ? 1 : 0; }

}  // namespace

MailConfig MailConfig::from_environment() {
    MailConfig config{environment("OCOPMAP_SMTP_URL"), environment("OCOPMAP_SMTP_USER"), environment("OCOPMAP_SMTP_PASSWORD"),
                      environment("OCOPMAP_SMTP_FROM")};
    if (!config.is_on()) return config;
    if (!config.url.starts_with("smtp://") && !config.url.starts_with("smtps://"))
        throw gis_core::invalid_field("OCOPMAP_SMTP_URL", config.url, "smtp://host:port or smtps://host:port");
    if (!is_address(config.from)) throw gis_core::invalid_field("OCOPMAP_SMTP_FROM", config.from, "the address that mail comes from");
    if (config.user.empty() != config.password.empty())
        throw gis_core::invalid_field("OCOPMAP_SMTP_USER", config.user, "set together with OCOPMAP_SMTP_PASSWORD, or neither");
    return config;
}

Posted post(MailConfig const& config, Mail const& mail, std::function<bool()> const& stop) {
    if (!is_address(mail.to)) return {"not an address that mail can be sent to", true, false};
    std::unique_ptr<CURL, Cleanup> const handle{curl_easy_init()};
    auto* const curl = handle.get();
    if (curl == nullptr) return {"libcurl could not begin", false, true};
    std::unique_ptr<curl_slist, Cleanup> const recipients{curl_slist_append(nullptr, mail.to.c_str())};
    auto const text = as_sent(config, mail);
    std::string_view rest{text};
    curl_easy_setopt(curl, CURLOPT_URL, config.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    if (!is_this_machine(config.url)) curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    if (!config.user.empty()) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, config.user.c_str());
        curl_easy_setopt(curl, CURLOPT_PASSWORD, config.password.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, config.from.c_str());
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, &rest);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &stop);
    auto const code = curl_easy_perform(curl);
    if (code == CURLE_OK) return {};
    long reply = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
    bool const is_refusal = code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_WEIRD_SERVER_REPLY;
    return {fmt::format("{}{}", curl_easy_strerror(code), reply > 0 ? fmt::format(" (the server said {})", reply) : std::string{}),
            is_refusal && reply >= 550 && reply <= 554, !is_refusal};
}

}  // namespace programme::contact
