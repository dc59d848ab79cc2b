#pragma once

#include <pqxx/transaction_base>

#include <filesystem>

namespace programme::demo {

/// Published sample news, legal texts, guides and questions of data/demo/content.toml, instead of earlier ones.
void load_content(pqxx::transaction_base& tx, std::filesystem::path const& data);

}  // namespace programme::demo
