#pragma once

#include <pqxx/transaction_base>

#include <string>

/// What people set before dossiers move: rounds, the calendar of working days, seats of councils.
namespace programme::workflow {

struct Round {
    std::string code;  // 2027-1
    std::string proposals_until, decide_until;
    std::string note;
};
struct CalendarDay {
    std::string day;
    std::string kind;  // holiday, working
    std::string name_vi, name_en, source;
};

std::string list_rounds(pqxx::transaction_base& tx);
/// \throws Error(invalid_argument), (conflict) for a code that is there
void add_round(pqxx::transaction_base& tx, Round const& round);
std::string list_calendar(pqxx::transaction_base& tx);
void set_calendar_day(pqxx::transaction_base& tx, CalendarDay const& day);
/// \throws Error(not_found)
void drop_calendar_day(pqxx::transaction_base& tx, std::string const& day);
/// Sessions with their councils, members and how far their dossiers are: a JSON array of what the acting person may see.
std::string list_sessions(pqxx::transaction_base& tx);
/// The account a member signs in with; empty: none. \throws Error(not_found)
void seat_member(pqxx::transaction_base& tx, long long member, std::string const& login);

}  // namespace programme::workflow
