#pragma once

#include "tests/support/mvt_decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace test_support {

/// How far a corner of one lies from the other's outline, at most, in tile units. Where an outline leaves the buffer (64 units) nobody sees it, and
/// one who rounds before he cuts comes out elsewhere: those corners do not count.
inline double furthest(MvtFeature const& from, MvtFeature const& to) {
    auto const is_on_edge = [](int at) { return at <= -64 || at >= 4096 + 64; };
    double most = 0;
    for (auto const& part : from.parts) {
        for (auto const& [x, y] : part) {
            if (from.type != 1 && (is_on_edge(x) || is_on_edge(y))) continue;
            double least = 1e9;
            for (auto const& line : to.parts) {
                for (std::size_t i = 0; i < line.size(); ++i) {
                    auto const& [x1, y1] = line[i];
                    auto const& [x2, y2] = line[i + 1 < line.size() ? i + 1 : to.type == 3 ? 0 : i];
                    double const dx = x2 - x1, dy = y2 - y1, length = dx * dx + dy * dy;
                    auto const along = length == 0 ? 0 : std::clamp(((x - x1) * dx + (y - y1) * dy) / length, 0.0, 1.0);
                    least = std::min(least, std::hypot(x1 + along * dx - x, y1 + along * dy - y));
                }
            }
            most = std::max(most, least);
        }
    }
    return most;
}

/// Lines and polygons that are no wider than rounding moves their sides: one writer has them, another nothing.
inline bool is_sliver(MvtFeature const& feature) {
    double length = 0, doubled_area = 0;
    for (auto const& part : feature.parts) {
        for (std::size_t i = feature.type == 3 ? 0 : 1; i < part.size(); ++i) {
            auto const& before = part[i == 0 ? part.size() - 1 : i - 1];
            length += std::hypot(part[i].first - before.first, part[i].second - before.second);
        }
        doubled_area += static_cast<double>(MvtFeature::doubled_area(part));
    }
    return feature.type == 3 ? doubled_area <= 1.5 * length : feature.type == 2 && length <= 1.5;
}

/// Empty when both are the same picture: features in order, ids, attributes, and no corner further than a unit each way from
/// the other's outline.
inline std::string difference(std::vector<MvtFeature> const& all_a, std::vector<MvtFeature> const& all_b) {
    std::vector<MvtFeature const*> a, b;
    auto const has = [](auto const& all, MvtFeature const& one) {
        return std::any_of(all.begin(), all.end(), [&](auto const& other) { return other.id == one.id && other.tags == one.tags; });
    };
    for (auto const& one : all_a) {
        if (!is_sliver(one) || has(all_b, one)) a.push_back(&one);
    }
    for (auto const& one : all_b) {
        if (!is_sliver(one) || has(all_a, one)) b.push_back(&one);
    }
    if (a.size() != b.size()) return fmt::format("{} features, not {}", a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto const &one = *a[i], &other = *b[i];
        auto const name = fmt::format("feature {} ({})", i, one.id.value_or(0));
        if (one.id != other.id || one.type != other.type) return name + ": another id or type";
        for (auto const& [key, value] : other.tags) {
            auto const found = one.tags.find(key);
            if (found == one.tags.end() || found->second != value)
                return fmt::format("{}: {} is {}, not {}", name, key, found == one.tags.end() ? "missing" : found->second, value);
        }
        if (one.tags.size() != other.tags.size()) return name + ": more attributes";
        if (one.parts == other.parts) continue;
        auto const distance = std::max(furthest(one, other), furthest(other, one));
        if (distance > 1.5) return fmt::format("{}: {} units apart", name, distance);
    }
    return {};
}

}  // namespace test_support
