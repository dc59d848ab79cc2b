#include "programme/workflow/settings.hpp"

#include "gis_core/date.hpp"
#include "gis_core/error.hpp"
#include "programme/typed.hpp"
#include "programme/workflow/refusal.hpp"
#include "programme/workflow/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

namespace programme::workflow {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using Tx = pqxx::transaction_base;

void require_date(char const* field, std::string const& text) {
    if (!gis_core::Date::parse(text)) throw gis_core::invalid_field(field, text, "a day as 2027-04-30");
}

}  // namespace

std::string list_rounds(Tx& tx) { return tx.exec(sql::round_list.text)[0][0].as<std::string>(); }

void add_round(Tx& tx, Round const& round) {
    require_date("proposals_until", round.proposals_until);
    require_date("decide_until", round.decide_until);
    if (round.decide_until < round.proposals_until) throw gis_core::invalid_field("decide_until", round.decide_until, "a day not before proposals_until");
    bool const is_code =
        round.code.size() >= 6 && round.code.size() <= 7 && round.code[4] == '-' && round.code.find_first_not_of("0123456789-") == std::string::npos;
    if (!is_code) throw gis_core::invalid_field("code", round.code, "year and number, as 2027-1");
    auto const added = tx.exec_params(sql::round_add.text, round.code, round.proposals_until, round.decide_until, typed_text("note", round.note, 0, 2000));
    if (added.affected_rows() == 0) throw Error{ErrorKind::conflict, fmt::format("there is a round {} already", round.code)};
}

std::string list_calendar(Tx& tx) { return tx.exec(sql::calendar_list.text)[0][0].as<std::string>(); }

void set_calendar_day(Tx& tx, CalendarDay const& day) {
    require_date("day", day.day);
    if (day.kind != "holiday" && day.kind != "working") throw gis_core::invalid_field("kind", day.kind, "holiday or working");
    tx.exec_params(sql::calendar_set.text, day.day, day.kind, typed_text("name_vi", day.name_vi, 1, 200), typed_text("name_en", day.name_en, 0, 200),
                   typed_text("source", day.source, 0, 500));
}

void drop_calendar_day(Tx& tx, std::string const& day) {
    require_date("day", day);
    if (tx.exec_params(sql::calendar_drop.text, day).affected_rows() == 0)
        throw Error{ErrorKind::not_found, fmt::format("the calendar has no entry for {}", day)};
}

std::string list_sessions(Tx& tx) { return tx.exec(sql::session_list.text)[0][0].as<std::string>(); }

void seat_member(Tx& tx, long long member, std::string const& login) {
    in_words([&] { tx.exec_params(sql::member_seat.text, member, login); });
}

}  // namespace programme::workflow
