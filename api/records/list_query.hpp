#pragma once

#include "http/message.hpp"
#include "programme/records/records.hpp"

namespace api {

/// The conditions, order and part of a list that an address asks for. is_form: what is empty was not asked for.
/// \throws gis_core::Error(invalid_argument) naming the parameter and what is allowed.
programme::records::ListQuery read_list_query(http::Query const& sent, programme::records::Lens const& lens, bool is_form = false);

}  // namespace api
