#pragma once

#include "api/pages/form.hpp"
#include "api/workplace/desk.hpp"

/// The administrators' pages (R16): accounts, and what runs behind the pages.
namespace api::workplace {

inline constexpr pages::Address kAccounts{"/quan-ly/tai-khoan", "/en/manage/accounts"}, kNewAccount{"/quan-ly/tai-khoan/moi", "/en/manage/accounts/new"},
    kJobs{"/quan-ly/viec-nen", "/en/manage/jobs"};

/// \throws Refused for everybody but administrators.
void require_administrator(Desk const& desk);
Language other_language(Desk const& desk);

http::Response get_accounts(Desk const& desk);
http::Response get_new_account(Desk const& desk);
http::Response post_new_account(Desk const& desk);
http::Response get_account(Desk const& desk);
http::Response post_account(Desk const& desk);
http::Response get_jobs(Desk const& desk);
http::Response post_jobs(Desk const& desk);

}  // namespace api::workplace
