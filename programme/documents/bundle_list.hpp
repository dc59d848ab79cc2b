#pragma once

#include "programme/documents/block.hpp"
#include "programme/documents/parts.hpp"

#include <cstdint>

namespace programme::documents {

struct BundleFile {
    std::string name, note;  // note: what it is
    std::int64_t bytes = 0;
    std::string sha256;
};

/// Danh mục hồ sơ: every file of a dossier as it was handed over.
struct BundleList {
    Paper paper;
    Product product;
    std::vector<BundleFile> files;
    Signature signature;
};

Document bundle_list(BundleList const& list);

}  // namespace programme::documents
