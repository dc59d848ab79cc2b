#include "programme/documents/bundle_list.hpp"

#include "programme/documents/compose.hpp"

#include <fmt/format.h>

namespace programme::documents {

using namespace compose;

Document bundle_list(BundleList const& list) {
    auto out = start(list.paper, "Danh mục hồ sơ", list.product.dossier_no, nullptr);
    auto& blocks = out.blocks;
    blocks.push_back(letterhead(list.paper));
    blocks.push_back(text(Style::title, "DANH MỤC HỒ SƠ"));
    blocks.push_back(text(Style::subtitle, "Hồ sơ số " + or_dots(list.product.dossier_no)));
    blocks.push_back(field("Sản phẩm", list.product.product_name));
    blocks.push_back(field("Chủ thể", list.product.producer_name));
    blocks.push_back(field("Ngành, nhóm, phân nhóm", class_of(list.product)));
    Table table{{{"STT", 0.55, Align::centre}, {"Tên tệp", 2.4}, {"Nội dung", 1.8}, {"Byte", 0.95, Align::right}, {"SHA-256", 2.6}}, {}};
    std::int64_t sum = 0;
    int number = 0;
    for (auto const& file : list.files) {
        sum += file.bytes;
        table.rows.push_back({{cell(std::to_string(++number)), cell(file.name), cell(file.note), cell(std::to_string(file.bytes)), cell(file.sha256)}, false});
    }
    blocks.push_back({std::move(table)});
    blocks.push_back(text(Style::field, fmt::format("Tổng số: {} tệp, {} byte.", list.files.size(), sum)));
    blocks.push_back(signatures({list.signature}));
    return out;
}

}  // namespace programme::documents
