// Random filters over the demo: PostGIS and the evaluator in memory must count the same, and both notations must be read back.
#include "gis_core/cql2/functions.hpp"
#include "gis_core/layers/queryables.hpp"
#include "tests/integration/cql2/data_set.hpp"
#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

namespace cql2_test {
namespace {

using cql2::Type;

class Filters {
public:
    Filters(DataSet const& data, std::uint64_t seed) : data_{data}, random_{seed} {}

    std::string condition(int depth) {
        if (slot_of(Type::array) && pick(4) == 0) return arrays();
        switch (depth > 0 ? pick(9) : 3 + pick(6)) {
        case 0: return fmt::format("({} AND {})", condition(depth - 1), condition(depth - 1));
        case 1: return fmt::format("({} OR {} OR {})", condition(depth - 1), condition(depth - 1), condition(depth - 1));
        case 2: return fmt::format("NOT ({})", condition(depth - 1));
        case 3: return spatial();
        case 4: return temporal();
        case 5: return fmt::format("{} IS {}NULL", name(any_slot()), pick(2) ? "NOT " : "");
        case 6: return texts(depth);
        case 7: return fmt::format("{} {} {}", number(depth), sign(), number(depth));
        default: return compared();
        }
    }

private:
    std::size_t pick(std::size_t count) { return std::uniform_int_distribution<std::size_t>{0, count - 1}(random_); }
    double between(double low, double high) { return std::uniform_real_distribution<double>{low, high}(random_); }
    template <std::size_t N>
    std::string one_of(char const* const (&all)[N]) {
        return all[pick(N)];
    }
    std::string sign() { return one_of({"=", "<>", "<", "<=", ">", ">="}); }
    std::string name(std::size_t slot) const { return "\"" + data_.schema().queryables[slot].name + "\""; }
    std::size_t any_slot() { return pick(data_.schema().queryables.size()); }
    std::optional<std::size_t> slot_of(Type type) {
        std::vector<std::size_t> slots;
        for (std::size_t i = 0; i < data_.schema().queryables.size(); ++i) {
            if (data_.schema().queryables[i].type == type) slots.push_back(i);
        }
        return slots.empty() ? std::nullopt : std::optional{slots[pick(slots.size())]};
    }
    /// A value that stands in some row, so that filters hit.
    std::string seen(std::size_t slot) { return data_.literal(pick(data_.size()), slot); }

    std::string number(int depth) {
        auto const slot = slot_of(Type::number);
        switch (depth > 0 ? pick(6) : pick(3)) {
        case 0: return fmt::format("{}", static_cast<int>(pick(7)));
        case 1: return fmt::format("{:.3f}", between(-3, 300));
        case 2: return slot ? name(*slot) : "5";
        case 3: return fmt::format("({} {} {})", number(depth - 1), one_of({"+", "-", "*", "/", "%", "div"}), number(depth - 1));
        case 4: return fmt::format("{}({})", one_of({"abs", "floor", "ceil"}), number(depth - 1));
        default: {
            auto const text = slot_of(Type::text), date = slot_of(Type::date);
            if (date && pick(2)) return fmt::format("{}({})", one_of({"year", "month", "day"}), name(*date));
            return text ? fmt::format("length({})", name(*text)) : fmt::format("({} ^ 2)", number(0));
        }
        }
    }

    std::string texts(int depth) {
        auto const slot = slot_of(Type::text);
        if (!slot) return "TRUE";
        auto const wrap = [&](std::string text) {
            if (way_ & 1U) text = "CASEI(" + text + ")";
            if (way_ & 2U) text = "ACCENTI(" + text + ")";
            return text;
        };
        way_ = pick(4);
        auto const left = wrap(name(*slot));
        auto value = seen(*slot);
        if (value.empty()) value = "'x'";
        switch (pick(5)) {
        case 0: return fmt::format("{} {} {}", left, sign(), wrap(value));
        case 1: {
            // The first letters, cut between characters.
            auto inner = value.substr(1, value.size() - 2);
            auto cut = std::min<std::size_t>(inner.size(), 1 + pick(8));
            while (cut < inner.size() && (static_cast<unsigned char>(inner[cut]) & 0xC0) == 0x80) ++cut;
            auto start = inner.substr(0, cut);
            if (start.ends_with('\'') && !start.ends_with("''")) start.pop_back();
            if (start.find('\'') != std::string::npos) start = "D";
            return fmt::format("{} {}LIKE {}", left, pick(2) ? "NOT " : "", wrap("'" + std::string{pick(2) ? "%" : ""} + start + (pick(2) ? "_%" : "%") + "'"));
        }
        case 2: return fmt::format("{} {}IN ({}, {})", left, pick(2) ? "NOT " : "", wrap(value), wrap("'Dừa'"));
        case 3: return fmt::format("{} BETWEEN {} AND {}", left, wrap("'C'"), wrap(value));
        default:
            return depth > 0 ? fmt::format("A_{}(({}, {}), ({}))", one_of({"CONTAINS", "CONTAINEDBY", "EQUALS", "OVERLAPS"}), left, wrap(value), wrap(value))
                             : fmt::format("lower({}) = upper({})", name(*slot), value);
        }
    }

    std::string day() { return fmt::format("20{:02}-{:02}-{:02}", 4 + pick(23), 1 + pick(12), 1 + pick(28)); }
    std::string moment() { return fmt::format("{}T{:02}:30:00{}", day(), pick(24), pick(2) ? "Z" : "+07:00"); }
    std::string instant_or_interval() {
        auto const slot = slot_of(Type::date), other = slot_of(Type::date);
        switch (pick(7)) {
        case 0: return "DATE('" + day() + "')";
        case 1: return "TIMESTAMP('" + moment() + "')";
        case 2: return fmt::format("INTERVAL('{}', '..')", day());
        case 3: return fmt::format("INTERVAL('..', '{}')", moment());
        case 4: return slot ? fmt::format("INTERVAL({}, {})", name(*slot), name(*other)) : "DATE('" + day() + "')";
        case 5:
            return slot ? fmt::format("INTERVAL({}, '..')", name(*slot))
                        : fmt::format("INTERVAL('20{:02}-01-01', '2026-{:02}-01')", 4 + pick(20), 1 + pick(12));
        default: return slot ? name(*slot) : "DATE('" + day() + "')";
        }
    }
    std::string temporal() {
        return fmt::format("T_{}({}, {})",
                           one_of({"AFTER", "BEFORE", "CONTAINS", "DISJOINT", "DURING", "EQUALS", "FINISHEDBY", "FINISHES", "INTERSECTS", "MEETS", "METBY",
                                   "OVERLAPPEDBY", "OVERLAPS", "STARTEDBY", "STARTS"}),
                           instant_or_interval(), instant_or_interval());
    }

    std::string position() { return fmt::format("{:.5f} {:.5f}", between(105.9, 106.9), between(9.6, 10.5)); }
    std::string shape() {
        auto const x = between(105.9, 106.8), y = between(9.6, 10.4), w = between(0.001, 0.4);
        switch (pick(7)) {
        case 0: return "POINT(" + position() + ")";
        case 1: return fmt::format("LINESTRING({}, {}, {})", position(), position(), position());
        case 2: return fmt::format("BBOX({}, {}, {}, {})", x, y, x + w, y + w);
        case 3: return fmt::format("POLYGON(({0} {1}, {2} {1}, {3} {4}, {0} {1}))", x, y, x + w, x + w / 2, y + w);
        case 4: return fmt::format("MULTIPOINT(({}), ({}))", position(), position());
        case 5: return fmt::format("MULTIPOLYGON((({0} {1}, {2} {1}, {2} {3}, {0} {1})), ((107 9, 108 9, 108 8, 107 9)))", x, y, x + w, y + w);
        default: return fmt::format("GEOMETRYCOLLECTION(POINT({}), LINESTRING({}, {}))", position(), position(), position());
        }
    }
    std::string spatial() {
        auto const geometry = name(*slot_of(Type::geometry));
        auto const shape = this->shape();
        auto const op = shape.starts_with("GEOM") ? one_of({"INTERSECTS", "DISJOINT"})
                                                  : one_of({"INTERSECTS", "DISJOINT", "EQUALS", "TOUCHES", "WITHIN", "OVERLAPS", "CROSSES", "CONTAINS"});
        return pick(3) ? fmt::format("S_{}({}, {})", op, geometry, shape) : fmt::format("S_{}({}, {})", op, shape, geometry);
    }

    std::string arrays() {
        auto const slot = *slot_of(Type::array);
        auto value = seen(slot);
        if (value.empty() || pick(3) == 0) value = "('I.1.a', 'I.3.c', 'V.1')";
        auto const* const op = pick(2) ? "OVERLAPS" : pick(2) ? "CONTAINS" : pick(2) ? "CONTAINEDBY" : "EQUALS";
        return pick(3) ? fmt::format("A_{}({}, {})", op, name(slot), value) : fmt::format("A_{}({}, {})", op, value, name(slot));
    }

    std::string compared() {
        for (int i = 0; i < 20; ++i) {
            auto const slot = any_slot();
            if (data_.schema().queryables[slot].type == Type::geometry || data_.schema().queryables[slot].type == Type::array) continue;
            auto const value = seen(slot);
            if (!value.empty()) return fmt::format("{} {} {}", name(slot), sign(), value);
        }
        return "FALSE";
    }

    DataSet const& data_;
    std::mt19937_64 random_;
    std::size_t way_ = 0;
};

TEST(Cql2Differential, SqlAndMemoryCountTheSame) {
    auto const* const asked = std::getenv("OCOPMAP_TEST_FILTERS");
    int const filters = asked != nullptr ? std::atoi(asked) : 5'000;
    auto const conninfo = test_support::with_keyword(test_support::database(), "user", "ocopmap_api");
    auto const catalogue = gis_core::layers::Catalogue::load(OCOPMAP_DATA_DIR "/layers.toml");
    std::vector<DataSet> sets;
    for (auto const* id : {"communes", "districts", "zones", "producers", "products", "sales_points", "rivers"}) {
        auto const& layer = *catalogue.find(id);
        auto const view = layer.valid_to_column.empty() ? layer.view : layer.view + "_version";
        sets.emplace_back(conninfo, view + " t", gis_core::layers::queryables(layer));
        ASSERT_GT(sets.back().size(), 0U) << id;
    }
    int hits = 0, failed = 0, errors = 0;
    for (int i = 0; i < filters && failed < 10; ++i) {
        auto const& data = sets[static_cast<std::size_t>(i) % sets.size()];
        auto const text = Filters{data, 20261129ULL + static_cast<std::uint64_t>(i)}.condition(2);
        auto const node = cql2::parse_text(text);
        auto const again = cql2::parse_text(cql2::to_text(cql2::parse_json(cql2::to_json(node))));
        if (!(again == node)) {
            ++failed;
            ADD_FAILURE() << "read back: " << text;
        }
        auto const counts = data.count(again);
        hits += counts.in_sql > 0 && counts.in_sql < static_cast<long>(data.size()) ? 1 : 0;
        errors += counts.error_in_sql.empty() ? 0 : 1;
        if (!counts.agree()) {
            ++failed;
            ADD_FAILURE() << i << ": " << text << "\nSQL " << counts.in_sql << " " << counts.error_in_sql << ", memory " << counts.in_memory << " "
                          << counts.error_in_memory;
        }
    }
    // Filters that match nothing or everything prove little.
    EXPECT_GT(hits, filters / 5);
    EXPECT_LT(errors, filters / 50);
    RecordProperty("filters", filters);
    RecordProperty("hits", hits);
}

}  // namespace
}  // namespace cql2_test
