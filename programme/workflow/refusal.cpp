#include "programme/workflow/refusal.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "gis_core/json.hpp"

#include <pqxx/except>

#include <string>
#include <vector>

namespace programme::workflow {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;

/// [{kind, field, vi, en}, …] as workflow.refusals() gives it. Both languages: who reads it may have either.
[[noreturn]] void refuse(std::string const& said) {
    auto const list = gis_core::parse_json(said, "refusals");
    auto kind = ErrorKind::invalid_argument;
    std::string message;
    std::vector<gis_core::FieldError> fields;
    for (auto const& one : list) {
        auto const of = one.at("kind").get<std::string>();
        if (of == "forbidden") kind = ErrorKind::forbidden;
        if (of == "conflict" && kind != ErrorKind::forbidden) kind = ErrorKind::conflict;
        auto const vi = one.at("vi").get<std::string>(), en = one.at("en").get<std::string>();
        message += (message.empty() ? "" : "; ") + vi + " (" + en + ")";
        fields.push_back({one.at("field").get<std::string>(), "", en});
    }
    throw Error{kind, message, fields};
}

}  // namespace

void explain() {
    std::string state, said;
    try {
        throw;
    } catch (pqxx::sql_error const& error) {
        state = gis_core::db::state_of(error);
        said = gis_core::db::message_of(error);
    } catch (...) {
        return;
    }
    if (state == "OW001") refuse(said);
    if (state == "P0002") throw Error{ErrorKind::not_found, said};
    if (state == "55000" || state == "40001") throw Error{ErrorKind::conflict, said};
    if (state == "42501" && said.find("permission denied") == std::string::npos) throw Error{ErrorKind::forbidden, said};
    // a value that a function names, or that is no date or number
    if (state == "22023" || state == "22007" || state == "22008" || state == "22P02") throw Error{ErrorKind::invalid_argument, said};
}

}  // namespace programme::workflow
