#pragma once

#include "gis_core/date.hpp"
#include "programme/files/config.hpp"

#include <pqxx/transaction_base>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace programme::demo {

struct SampleConfig {
    std::uint64_t seed = 1;
    int scale = 1;         // 1: 300 producers, 1,000 products, 200 zones, 150 sales points; 10, 100, 1000 times as many
    std::string secret_key;  // as of the service, under which sealed numbers are kept; empty: numbers that nobody can open
    gis_core::Date today;  // certificates are valid, expiring, expired or revoked as of this day
    files::Config files;   // where the few pictures and documents of the sample go; no place: they are left out
};

/// Replaces the sample rows (is_demo) by new ones, the same for the same seed, scale, day and boundaries; with other
/// boundaries the same producers stand in the same communes. Register dates begin with 2025-01-01, the first day of the
/// last frame of old communes; certificates given before are carried over.
/// \throws Error(conflict) when there are no communes with lines on 2025-06-30.
void load_sample(pqxx::transaction_base& tx, std::filesystem::path const& data, SampleConfig const& config, std::function<void(std::string_view)> const& said);

/// The 26 product classes of data/product_classes.csv, inserted or brought up to date.
void load_product_classes(pqxx::transaction_base& tx, std::filesystem::path const& data);

}  // namespace programme::demo
