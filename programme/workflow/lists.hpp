#pragma once

#include <pqxx/transaction_base>

#include <cstddef>
#include <filesystem>

/// The dossier's way from draft to certificate (docs/reference/dossiers.md). The way itself is data: regimes, transitions and holidays.
namespace programme::workflow {

struct Applied {
    std::size_t regimes = 0, transitions = 0, holidays = 0;  // holidays: new ones; those that are there belong to the administrator
};

/// Makes data/regimes.csv and data/workflow.csv what workflow.move() goes by, and adds holidays that are not there yet.
/// \throws Error(invalid_argument) naming file, line, column, value and what is allowed.
Applied apply(pqxx::transaction_base& tx, std::filesystem::path const& data);

}  // namespace programme::workflow
