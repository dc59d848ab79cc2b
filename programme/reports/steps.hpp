#pragma once

#include "programme/reports/cross_table.hpp"

/// How long the steps of the procedure take, of the dossiers that the transaction's role reaches.
namespace programme::reports {

struct StepsQuery {
    std::string by = "state";           // state, unit, both
    std::string frame = "commune-new";  // of the units, as in statistics
    gis_core::Date from, to;            // stays that were under way in between
};

/// Stays in one state, in one unit, or both. Days are working days of the stays that ended; none has ended: no figure.
struct StepTimes {
    Heading state, unit;  // empty codes: of all; a unit without code: place unknown
    long long stays = 0, open = 0, overdue = 0;
    std::optional<long long> median, p90;
};
struct StepsReport {
    FrameDay frame;
    std::vector<StepTimes> items;  // in the order of the procedure, then of the units
    StepTimes total;
};
/// \throws gis_core::Error(invalid_argument) for another cut, and what resolve_frame throws.
StepsReport steps(pqxx::transaction_base& tx, gis_core::db::Session& session, dictionary::Dictionary const& dictionary, StepsQuery const& query);

/// A limit that nothing has met yet: of a dossier's present step, of a re-evaluation (45 days), of a withdrawal (15 days).
struct Deadline {
    std::string kind;  // step, renewal, withdrawal
    long long dossier = 0;
    std::string dossier_no, state, product, producer, commune, since, due_on;
    int days = 0;  // left; less than 0: overdue
};
struct DeadlineList {
    std::vector<Deadline> items;
    long long total = 0, overdue = 0;
};
/// The first to end first; kind empty: all of them, limit 0: all. \throws gis_core::Error(invalid_argument) for another kind.
DeadlineList deadlines(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::Date at, std::string const& kind, int limit);

}  // namespace programme::reports
