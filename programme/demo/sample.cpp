#include "programme/demo/sample.hpp"

#include "gis_core/error.hpp"
#include "gis_core/geo/lon_lat.hpp"
#include "gis_core/io/csv.hpp"
#include "programme/demo/content.hpp"
#include "programme/demo/random.hpp"
#include "programme/demo/record.hpp"
#include "programme/demo/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>
#include <pqxx/stream_to>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

namespace programme::demo {
namespace {

using gis_core::Date;
using gis_core::LonLat;
using Optional = std::optional<std::string>;

std::array constexpr kFamily{"Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý"};
std::array constexpr kMiddle{"Văn", "Thị", "Hữu", "Minh", "Ngọc", "Thanh", "Quốc", "Kim", "Hoàng", "Bích", "Tấn", "Mỹ"};
std::array constexpr kGiven{"An",   "Bình", "Châu",  "Dũng", "Giang", "Hạnh",  "Khánh", "Lan",  "Long", "Nga",
                            "Phúc", "Quý",  "Sương", "Thảo", "Trung", "Tuyết", "Út",    "Vinh", "Xuân", "Yến"};
std::array constexpr kBrand{"Hương Quê", "Phú Thịnh", "Sông Tiền", "Thanh Bình", "Hoa Dừa",  "Miệt Vườn", "Tân Phát",   "Hải Vân",   "Bến Xưa", "Ánh Dương",
                            "Đồng Khởi", "Hàm Luông", "Ba Lai",    "Cổ Chiên",   "Minh Tâm", "Ngọc Lan",  "Hưng Thịnh", "Vĩnh Phát", "Quê Dừa", "Xanh Mãi"};
std::array constexpr kVariant{"", "", "", " đặc biệt", " truyền thống", " hữu cơ", " loại 1", " hộp 500 g", " gói 250 g", " thượng hạng"};

template <typename Values>
std::string pick(Random& random, Values const& values) {
    return std::string{values[random.below(values.size())]};
}

std::string iso(Date day, int plus_days = 0) { return Date{day.days + std::chrono::days{plus_days}}.iso(); }
Date plus(Date day, int days) { return {day.days + std::chrono::days{days}}; }

std::string point_ewkt(LonLat p) { return fmt::format("SRID=4326;POINT({:.6f} {:.6f})", p.lon, p.lat); }

struct Commune {
    std::string code, short_name;
    std::vector<LonLat> slots;  // synthetic positions, used one after the other, again from the first when they run out
    std::size_t used = 0;
    double weights = 1;  // of it and those before it
    LonLat take() { return slots[used++ % slots.size()]; }
};

struct Kind {
    std::string class_code, name, crop;
};

/// A number from a text alone, so that the weight of a commune does not depend on which others are loaded.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t h = 1469598103934665603U;
    for (auto const c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return Random{h}.next();
}

class Sample {
public:
    Sample(pqxx::transaction_base& tx, std::filesystem::path const& data, SampleConfig const& config)
        : tx_{tx}, config_{config}, first_day_{Date::from_field("first day", "2025-01-01")} {
        auto const kinds = gis_core::io::read_csv(data / "demo/products.csv");
        for (auto const& row : kinds.rows) kinds_.push_back({kinds.at(row, "class_code"), kinds.at(row, "name"), kinds.at(row, "crop")});
        read_communes();
        producers_ = 300 * static_cast<std::int64_t>(config.scale);
        products_ = 1000 * static_cast<std::int64_t>(config.scale);
        zones_ = 200 * static_cast<std::int64_t>(config.scale);
        sales_points_ = 150 * static_cast<std::int64_t>(config.scale);
        first_producer_ = next_key("ocop.producer", "producer_key");
        first_product_ = next_key("ocop.product", "product_key");
        first_zone_ = next_key("geo.zone", "zone_key");
        first_sales_point_ = next_key("ocop.sales_point", "sales_point_key");
    }

    std::int64_t write_producers() {
        Random random{config_.seed * 1000 + 1};
        pqxx::stream_to out{tx_, "ocop.producer",
                            std::vector<std::string>{"producer_key", "external_id", "name", "kind", "registered_on", "facility_geom", "facility_address",
                                                     "location_consent", "is_demo", "source"}};
        registered_.reserve(static_cast<std::size_t>(producers_));
        for (std::int64_t i = 0; i < producers_; ++i) {
            auto& commune = any_commune(random);
            auto position = commune.take();
            auto const outside = i % 100 == 57;  // on the mud flats before the coast: belongs to the nearest unit
            if (outside) position = {east_ + random.between(0.004, 0.03), position.lat};
            auto const roll = random.unit();
            auto const day = registration_day(random);
            std::string kind, name;
            auto const person = pick(random, kFamily) + " " + pick(random, kMiddle) + " " + pick(random, kGiven);
            auto const brand = pick(random, kBrand);
            auto const number = i >= 300 ? fmt::format(" {}", i) : std::string{};
            if (roll < 0.28) {
                kind = "household";
                name = "Hộ kinh doanh " + person + number;
            } else if (roll < 0.58) {
                kind = "cooperative";
                name = "HTX nông nghiệp " + commune.short_name + " " + brand + number;
            } else if (roll < 0.82) {
                kind = "company";
                name = "Công ty TNHH " + brand + " " + commune.short_name + number;
            } else if (roll < 0.93) {
                kind = "cooperative_group";
                name = "Tổ hợp tác " + brand + " " + commune.short_name + number;
            } else {
                kind = "private_enterprise";
                name = "DNTN " + pick(random, kGiven) + " " + brand + number;
            }
            auto const consent = kind == "household" ? random.chance(0.4) : random.chance(0.95);
            auto const address = fmt::format("Ấp {}, {}", random.days(1, 12), commune.short_name);
            out << std::make_tuple(first_producer_ + i, fmt::format("demo-producer-{}", i + 1), name, kind, iso(day), point_ewkt(position), address, consent,
                                   true, std::string{"demo"});
            registered_.push_back(day);
        }
        out.complete();
        return producers_;
    }

    std::int64_t write_zones() {
        Random random{config_.seed * 1000 + 2};
        std::vector<std::string> crops;
        for (auto const& kind : kinds_)
            if (!kind.crop.empty()) crops.push_back(kind.crop);  // as often as products need them
        std::map<std::string, std::string> names{
            {"coconut", "dừa"}, {"pomelo", "bưởi da xanh"}, {"durian", "sầu riêng"}, {"rambutan", "chôm chôm"}, {"mango", "xoài"},   {"mangosteen", "măng cụt"},
            {"longan", "nhãn"}, {"shrimp", "tôm"},          {"clam", "nghêu"},       {"rice", "lúa"},           {"cocoa", "ca cao"}, {"flower", "hoa kiểng"}};
        pqxx::stream_to out{tx_, "geo.zone",
                            std::vector<std::string>{"zone_key", "external_id", "code", "name", "crop", "valid_from", "valid_to", "is_demo", "geom"}};
        for (std::int64_t i = 0; i < zones_; ++i) {
            auto& commune = any_commune(random);
            auto const crop = i < 12 ? std::next(names.begin(), i)->first : crops[random.below(crops.size())];
            auto const from = plus(first_day_, random.days(0, 170));
            Optional to;
            if (random.chance(0.05)) to = iso(from, random.days(400, 900));
            out << std::make_tuple(first_zone_ + i, fmt::format("demo-zone-{}", i + 1), fmt::format("VN-BTOR-{:04}", i + 1),
                                   fmt::format("Vùng {} {} {}", names[crop], commune.short_name, i + 1), crop, iso(from), to, true,
                                   zone_ewkt(random, commune.take(), i % 25 == 7));
            zones_of_[crop].push_back(first_zone_ + i);
        }
        out.complete();
        return zones_;
    }

    std::int64_t write_sales_points() {
        Random random{config_.seed * 1000 + 3};
        std::array<std::pair<char const*, char const*>, 5> constexpr kKinds{
            {{"shop", "Cửa hàng OCOP"}, {"market", "Chợ"}, {"supermarket", "Siêu thị"}, {"tourist_site", "Điểm du lịch"}, {"rest_stop", "Trạm dừng chân"}}};
        pqxx::stream_to out{
            tx_, "ocop.sales_point",
            std::vector<std::string>{"sales_point_key", "external_id", "name", "kind", "address", "opened_on", "closed_on", "geom", "is_demo", "source"}};
        for (std::int64_t i = 0; i < sales_points_; ++i) {
            auto& commune = any_commune(random);
            auto const [kind, label] = kKinds[std::min<std::size_t>(random.below(8), 4)];
            auto const opened = plus(first_day_, random.days(0, 175));
            Optional closed;
            if (random.chance(0.04)) closed = iso(opened, random.days(200, 500));
            out << std::make_tuple(
                first_sales_point_ + i, fmt::format("demo-sales-point-{}", i + 1),
                fmt::format("{} {} {}", label, commune.short_name, pick(random, kBrand)) + (i >= 150 ? fmt::format(" {}", i) : std::string{}),
                std::string{kind}, fmt::format("Đường tỉnh {}, {}", 880 + random.below(8), commune.short_name), iso(opened), closed, point_ewkt(commune.take()),
                true, std::string{"demo"});
        }
        out.complete();
        return sales_points_;
    }

    std::int64_t write_products() {
        Random random{config_.seed * 1000 + 4};
        pqxx::stream_to out{
            tx_, "ocop.product",
            std::vector<std::string>{"product_key", "external_id", "producer_key", "class_code", "name", "description", "registered_on", "is_demo", "source"}};
        for (std::int64_t i = 0; i < products_; ++i) {
            auto const& kind = kinds_[i < static_cast<std::int64_t>(kinds_.size()) ? static_cast<std::size_t>(i) : random.below(kinds_.size())];
            auto const producer = static_cast<std::int64_t>(random.below(static_cast<std::size_t>(producers_)));
            auto const name = kind.name + pick(random, kVariant) + " " + pick(random, kBrand) + (i >= 1000 ? fmt::format(" {}", i) : std::string{});
            auto const at_once = registered_[static_cast<std::size_t>(producer)];
            auto const later = plus(at_once, random.chance(0.8) ? 0 : random.days(1, 300));
            out << std::make_tuple(first_product_ + i, fmt::format("demo-product-{}", i + 1), first_producer_ + producer, kind.class_code, name,
                                   std::string{"Sản phẩm mẫu, không có thật"}, std::min(later, config_.today).iso(), true, std::string{"demo"});
            product_kinds_.push_back(static_cast<std::uint16_t>(&kind - kinds_.data()));
        }
        out.complete();
        return products_;
    }

    /// 5 of 100 revoked, 13 expired, 12 expiring within 180 days, 55 in force for longer, 15 never certified.
    std::int64_t write_certificates() {
        Random random{config_.seed * 1000 + 5};
        pqxx::stream_to out{tx_, "ocop.certificate",
                            std::vector<std::string>{"external_id", "product_key", "star", "decision_no", "decided_by", "issued_on", "valid_to", "revoked_on",
                                                     "revocation_reason", "source"}};
        std::int64_t written = 0;
        auto const write = [&](std::int64_t product, int star, Date valid_to, std::optional<Date> revoked) {
            auto const issued = three_years_before(valid_to);
            ++written;
            out << std::make_tuple(fmt::format("demo-certificate-{}", written), product, star, fmt::format("{}/QĐ-UBND (mẫu)", 100 + written % 2900),
                                   std::string{star == 5   ? "Bộ Nông nghiệp và Môi trường"
                                               : star == 4 ? "UBND tỉnh"
                                                           : "UBND cấp huyện, xã"},
                                   issued.iso(), valid_to.iso(), revoked ? Optional{revoked->iso()} : Optional{},
                                   revoked ? Optional{"Vi phạm an toàn thực phẩm (mẫu)"} : Optional{}, std::string{"demo"});
        };
        for (std::int64_t i = 0; i < products_; ++i) {
            auto const key = first_product_ + i;
            auto const star_roll = random.unit();
            auto const star = star_roll < 0.70 ? 3 : star_roll < 0.95 ? 4 : 5;
            auto const roll = random.unit();
            if (roll < 0.05) {
                auto const valid_to = plus(config_.today, random.days(60, 900));
                auto const issued = three_years_before(valid_to);
                auto const held = static_cast<int>((config_.today.days - issued.days).count());
                write(key, star, valid_to, plus(issued, random.days(1, std::max(1, held))));
            } else if (roll < 0.18) {
                write(key, star, plus(config_.today, -random.days(0, 500)), {});
            } else if (roll < 0.30) {
                write(key, star, plus(config_.today, random.days(1, 180)), {});
            } else if (roll < 0.85) {
                auto const valid_to = plus(config_.today, random.days(181, 1090));
                if (random.chance(0.2)) write(key, std::max(3, star - 1), three_years_before(valid_to), {});  // a renewal after an older one
                write(key, star, valid_to, {});
            }
        }
        out.complete();
        return written;
    }

    void write_links() {
        {
            Random random{config_.seed * 1000 + 6};
            pqxx::stream_to out{tx_, "ocop.product_sales_point", std::vector<std::string>{"product_key", "sales_point_key"}};
            for (std::int64_t i = 0; i < products_; ++i) {
                auto const from = random.below(static_cast<std::size_t>(sales_points_));
                for (std::size_t n = random.below(4), k = 0; k < n; ++k) {
                    out << std::make_tuple(first_product_ + i,
                                           first_sales_point_ + static_cast<std::int64_t>((from + k * 7) % static_cast<std::size_t>(sales_points_)));
                }
            }
            out.complete();
        }
        Random random{config_.seed * 1000 + 7};
        pqxx::stream_to out{tx_, "ocop.product_zone", std::vector<std::string>{"product_key", "zone_key"}};
        for (std::int64_t i = 0; i < products_; ++i) {
            auto const zones = zones_of_.find(kinds_[product_kinds_[static_cast<std::size_t>(i)]].crop);
            if (zones == zones_of_.end() || random.chance(0.3)) continue;
            out << std::make_tuple(first_product_ + i, zones->second[random.below(zones->second.size())]);
        }
        out.complete();
    }

    void move_sequences() {
        for (auto const& [table, key] : std::array<std::pair<char const*, char const*>, 4>{
                 {{"ocop.producer", "producer_key"}, {"ocop.product", "product_key"}, {"geo.zone", "zone_key"}, {"ocop.sales_point", "sales_point_key"}}}) {
            tx_.exec(fmt::format("SELECT setval(pg_get_serial_sequence('{0}', '{1}'), (SELECT max({1}) FROM {0}))", table, key));
        }
    }

private:
    void read_communes() {
        auto const rows =
            tx_.exec_params(sql::sample_slots.text, "2025-06-30", static_cast<int>(config_.seed % 1'000'000) + 1, std::max(12, 12 * config_.scale));
        for (auto const& row : rows) {
            auto code = row["code"].as<std::string>();
            if (communes_.empty() || communes_.back().code != code) {
                Commune commune{.code = code,
                                .short_name = row["short_name"].as<std::string>(),
                                .slots = {},
                                .used = 0,
                                .weights = (communes_.empty() ? 0 : communes_.back().weights) + 1.0 + static_cast<double>(hash_of(code) % 6)};
                communes_.push_back(std::move(commune));
            }
            communes_.back().slots.push_back({row["lon"].as<double>(), row["lat"].as<double>()});
            east_ = std::max(east_, row["lon"].as<double>());
        }
        if (communes_.empty()) {
            throw gis_core::Error{gis_core::ErrorKind::conflict,
                                  "there are no communes with lines on 2025-06-30 to put sample rows in; run 'ocopmap load' first"};
        }
    }
    Commune& any_commune(Random& random) {
        auto const at = random.unit() * communes_.back().weights;
        return *std::upper_bound(communes_.begin(), std::prev(communes_.end()), at,
                                 [](double wanted, Commune const& commune) { return wanted < commune.weights; });
    }
    Date registration_day(Random& random) const {
        auto const roll = random.unit();
        auto const day = roll < 0.65   ? plus(first_day_, random.days(0, 89))
                         : roll < 0.85 ? plus(first_day_, random.days(90, 180))
                                       : plus(first_day_, random.days(181, 500));
        return std::min(day, config_.today);
    }
    static Date three_years_before(Date day) {
        std::chrono::year_month_day const ymd{day.days};
        auto const earlier = (ymd.year() - std::chrono::years{3}) / ymd.month() / ymd.day();
        return earlier.ok() ? Date{earlier} : Date{std::chrono::sys_days{(ymd.year() - std::chrono::years{3}) / ymd.month() / std::chrono::last}};
    }
    /// A star-shaped outline of 5-80 ha, or a strip along a dyke 20-40 m wide. Valid by construction.
    static std::string zone_ewkt(Random& random, LonLat centre, bool thin) {
        auto constexpr kMetre = 1.0 / 110574.0;  // degrees of latitude
        auto const east = kMetre / std::cos(centre.lat * std::numbers::pi / 180);
        std::vector<LonLat> ring;
        if (thin) {
            auto const length = random.between(600, 1500), width = random.between(20, 40), angle = random.between(0, std::numbers::pi);
            for (auto const& [u, v] : {std::pair{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}}) {
                auto const x = u * length * std::cos(angle) - v * width * std::sin(angle), y = u * length * std::sin(angle) + v * width * std::cos(angle);
                ring.push_back({centre.lon + x * east, centre.lat + y * kMetre});
            }
        } else {
            auto const corners = 7 + static_cast<int>(random.below(9));
            auto const radius = random.between(130, 520);
            for (int i = 0; i < corners; ++i) {
                auto const angle = 2 * std::numbers::pi * (i + random.between(0, 0.6)) / corners, r = radius * random.between(0.7, 1.0);
                ring.push_back({centre.lon + r * std::cos(angle) * east, centre.lat + r * std::sin(angle) * kMetre});
            }
        }
        ring.push_back(ring.front());
        std::string wkt;
        for (auto const& p : ring) wkt += fmt::format("{}{:.6f} {:.6f}", wkt.empty() ? "" : ",", p.lon, p.lat);
        return "SRID=4326;MULTIPOLYGON(((" + wkt + ")))";
    }
    std::int64_t next_key(char const* table, char const* key) {
        return tx_.exec1(fmt::format("SELECT coalesce(max({}), 0) + 1 FROM {}", key, table))[0].as<std::int64_t>();
    }

    pqxx::transaction_base& tx_;
    SampleConfig const& config_;
    Date first_day_;
    std::vector<Kind> kinds_;
    std::vector<Commune> communes_;
    double east_ = -180;
    std::int64_t producers_, products_, zones_, sales_points_;
    std::int64_t first_producer_, first_product_, first_zone_, first_sales_point_;
    std::vector<Date> registered_;
    std::vector<std::uint16_t> product_kinds_;
    std::map<std::string, std::vector<std::int64_t>> zones_of_;
};

/// A record that holds no products is filled without what is done at each row: their periods are derived once, when products and
/// certificates are there, and the indexes that cost most are made at the end. Rows of others keep all of that, and nobody waits.
class Filling {
public:
    explicit Filling(pqxx::transaction_base& tx) : tx_{tx} {
        if (!tx.exec("SELECT FROM ocop.product_period LIMIT 1").empty()) return;
        tx.exec("SET LOCAL maintenance_work_mem = '512MB'");
        triggers("DISABLE");
        for (auto const& row : tx.exec(sql::sample_indexes.text)) {
            tx.exec(row["drop_it"].as<std::string>());
            indexes_.push_back(row["make_it"].as<std::string>());
        }
    }
    void finish() {
        if (indexes_.empty()) return;
        tx_.exec("SELECT ocop.derive_product_periods(array_agg(product_key)) FROM ocop.product");
        for (auto const& index : indexes_) tx_.exec(index);
        triggers("ENABLE");
    }

private:
    void triggers(char const* what) {
        for (auto const* table : {"ocop.product", "ocop.certificate"}) tx_.exec(fmt::format("ALTER TABLE {} {} TRIGGER product_period_insert", table, what));
    }
    pqxx::transaction_base& tx_;
    std::vector<std::string> indexes_;
};

}  // namespace

void load_product_classes(pqxx::transaction_base& tx, std::filesystem::path const& data) {
    auto const classes = gis_core::io::read_csv(data / "product_classes.csv");
    for (auto const& row : classes.rows) {
        tx.exec_params(
            "INSERT INTO ocop.product_class (class_code, set_no, sector_vi, sector_en, name_vi, name_en)"
            " VALUES ($1, $2::smallint, $3, $4, $5, $6) ON CONFLICT (class_code) DO UPDATE SET"
            " set_no = EXCLUDED.set_no, sector_vi = EXCLUDED.sector_vi, sector_en = EXCLUDED.sector_en,"
            " name_vi = EXCLUDED.name_vi, name_en = EXCLUDED.name_en",
            classes.at(row, "class_code"), classes.at(row, "set_no"), classes.at(row, "sector_vi"), classes.at(row, "sector_en"), classes.at(row, "name_vi"),
            classes.at(row, "name_en"));
    }
}

void load_sample(pqxx::transaction_base& tx, std::filesystem::path const& data, SampleConfig const& config, std::function<void(std::string_view)> const& said) {
    load_product_classes(tx, data);
    auto const command = fmt::format("ocopmap seed --seed {} --scale {} --today {}", config.seed, config.scale, config.today.iso());
    // Counted as soon as they are filled: autovacuum may have counted them empty meanwhile, and the triggers of the next tables
    // would read them whole for each row.
    auto const count = [&tx](char const* tables) { tx.exec(fmt::format("ANALYZE {}", tables)); };
    tx.exec_params("SELECT audit.summarise($1)", command);  // an entry a statement, not a row: nobody acted on these rows
    Filling filling{tx};
    clear_record(tx);
    tx.exec(sql::sample_clear.text);
    Sample sample{tx, data, config};
    auto rows = sample.write_producers();
    count("ocop.producer");
    said(fmt::format("{} producers", rows));
    auto const zones = sample.write_zones(), sales_points = sample.write_sales_points();
    said(fmt::format("{} zones, {} sales points", zones, sales_points));
    count("geo.zone, ocop.sales_point");
    auto const products = sample.write_products();
    count("ocop.product, ocop.product_period");
    auto const certificates = sample.write_certificates();
    sample.write_links();
    filling.finish();
    count("ocop.certificate, ocop.product_period, ocop.product_sales_point, ocop.product_zone");
    sample.move_sequences();
    said(fmt::format("{} products, {} certificates", products, certificates));
    load_record(tx, data, config);
    load_content(tx, data);
    said("the rest of the record");
    rows += zones + sales_points + products;
    tx.exec_params(
        "INSERT INTO geo.data_set (data_set, title_vi, title_en, source, licence, is_demo, rows)"
        " VALUES ('sample', 'Dữ liệu mẫu (không có thật)', 'Sample data (invented)', $1, 'same as ocopmap', true, $2)",
        command, rows);
    tx.exec("SELECT audit.summarise(NULL)");
}

}  // namespace programme::demo
