#include "api/exports.hpp"
#include "api/ogc/collections.hpp"
#include "api/rest/handlers.hpp"
#include "api/rest/parameters.hpp"

#include <fmt/format.h>

namespace api::rest {

http::Response ExportProducts::operator()(http::Request const& request) const {
    namespace io = gis_core::io;
    using enum io::CellType;
    request.query.allow_only(product_filter_names());
    auto asked = parse_product_filter(request.query);
    auto const kind = *io::parse_format(format);
    // The columns of products.csv, in its order.
    io::TableInfo info{.name = "products",
                       .title = "Sản phẩm OCOP",
                       .note = {},
                       .columns = {{"id", "Mã", integer},
                                   {"name", "Tên", text},
                                   {"class_code", "Mã bộ sản phẩm", text},
                                   {"class", "Bộ sản phẩm", text},
                                   {"star", "Sao", integer},
                                   {"certificate_state", "Giấy chứng nhận", text},
                                   {"certificate_valid_to", "Hiệu lực đến trước", date},
                                   {"producer_id", "Mã chủ thể", integer},
                                   {"producer", "Chủ thể", text},
                                   {"commune_code", "Mã xã", text},
                                   {"commune", "Xã", text},
                                   {"district_old_code", "Mã huyện cũ", text},
                                   {"district_old", "Huyện cũ", text},
                                   {"position_approximate", "Vị trí gần đúng", boolean},
                                   {"is_demo", "Dữ liệu mẫu", boolean}},
                       .geometry_type = "Point"};
    pool.read(asked.filter.at.iso(), [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        resolve(tx, session, asked);
        info.note = fmt::format("Ngày {}. {}", asked.filter.at.vietnamese(), ogc::read_note(tx, session).text("vi"));
        return true;
    });
    return export_list(kind, info, [&source = pool, filter = asked.filter, form = io::geometry_form(kind)](std::function<void(io::Record const&)> const& take) {
        source.read(filter.at.iso(), [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
            programme::stream_products(tx, session, filter, [&](programme::Product const& p) {
                auto const id = std::to_string(p.id), producer = std::to_string(p.producer_id);
                auto const star = p.star ? std::to_string(*p.star) : std::string{};
                auto const place = p.position ? io::to_form(form, p.position->lon, p.position->lat) : std::string{};
                auto const filled = [](std::string const& value) { return value.empty() ? std::nullopt : std::optional<std::string_view>{value}; };
                io::Record const record{{id, filled(p.name), filled(p.class_code), filled(p.class_vi), filled(star), filled(p.certificate_state),
                                         filled(p.certificate_valid_to), producer, filled(p.producer_name), filled(p.commune.code), filled(p.commune.name),
                                         filled(p.district_old.code), filled(p.district_old.name), p.position_approximate ? "t" : "f", p.is_demo ? "t" : "f"},
                                        filled(place)};
                take(record);
            });
            return true;
        });
    });
}

}  // namespace api::rest
