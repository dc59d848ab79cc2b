#pragma once

#include "api/accounts/gate.hpp"
#include "api/contact/handlers.hpp"
#include "api/pages/form.hpp"
#include "api/pages/pages.hpp"
#include "gis_core/db/pool.hpp"
#include "programme/contact/messages.hpp"

#include <optional>
#include <string>
#include <vector>

namespace api::contact_pages {

using pages::Address;
using Language = pages::Pages::Language;

inline constexpr Address kNotices{"/thong-bao", "/en/notifications"}, kThreads{"/trao-doi", "/en/messages"}, kFeedback{"/phan-hoi", "/en/feedback"},
    kCases{"/quan-ly/phan-hoi", "/en/manage/feedback"}, kContent{"/thong-tin", "/en/information"}, kNews{"/tin-tuc", "/en/news"},
    kLegal{"/van-ban", "/en/legal-texts"}, kGuides{"/huong-dan", "/en/guides"}, kQuestions{"/hoi-dap", "/en/questions"},
    kEditing{"/quan-ly/noi-dung", "/en/manage/content"}, kWork{"/quan-ly", "/en/manage"};

/// The address of the list that a kind of content stands in.
Address const& address_of(std::string_view kind);

/// One visit of one of these pages.
struct Visit {
    Contact& contact;
    pages::Pages& pages;
    http::Request const& request;
    Language language;
    pages::Texts const& t;

    /// rest: what follows the address in both languages: "/12".
    http::Response show(Address const& address, char const* name, gis_core::Json model, int status = 200, std::string const& rest = {}) const;
    /// Who is signed in with a role in force; empty for everybody else.
    std::optional<programme::accounts::Identity> somebody() const;
    /// To the sign-in, and back here afterwards.
    http::Response to_sign_in() const;
    std::string parameter(char const* name) const { return std::string{request.query.find(name).value_or("")}; }
    /// 0 when it is not there. \throws invalid_argument when it is no number.
    long long number(char const* name) const;
    bool is_vietnamese() const { return language == Language::vi; }

    template <typename Work>
    auto read(programme::accounts::Identity const& who, Work work) const {
        return contact.pool.read("", who.actor(), work);
    }
    template <typename Work>
    auto write(programme::accounts::Identity const& who, Work work) const {
        return contact.pool.write(who.actor(), work);
    }
};

/// "10:42 25/11/2026"
std::string when(std::string const& iso);
/// Messages as messages.mustache shows them.
gis_core::Json talk_model(pages::Texts const& t, std::vector<programme::contact::Message> const& messages);
/// What went wrong, in words for the form. Faults that are not the person's go on as they are.
std::string said(pages::Texts const& t, gis_core::Error const& error);

using Call = http::Response (*)(Visit const&);
/// Adds the page in both languages.
void add_page(http::Router& router, Context& context, std::shared_ptr<pages::Pages> const& pages, char const* method, Address const& address, char const* rest,
              Call call);

void add_content_pages(http::Router& router, Context& context, std::shared_ptr<pages::Pages> const& pages);

}  // namespace api::contact_pages
