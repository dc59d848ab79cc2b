#pragma once

#include "gis_core/io/feature_reader.hpp"

#include <pqxx/transaction_base>

#include <functional>
#include <map>
#include <string>

namespace gis_core::io {

/// Copies every feature of a reader into the temporary table raw_feature under a tag; returns how many. renamed gives a
/// field another name ("ten" → "name"). progressed(rows) is called every 10,000 rows.
/// \pre raw_feature exists (gis_core/admin/sql/raw_create.sql).
std::size_t stage_features(pqxx::transaction_base& tx, FeatureReader& reader, std::string const& tag, std::map<std::string, std::string> const& renamed = {},
                           std::function<void(std::size_t)> const& progressed = {});

}  // namespace gis_core::io
