#include "tile_server/render/labels.hpp"

#include <algorithm>
#include <cstdlib>
#include <tuple>

namespace tile_server {
namespace {

/// Letters of a UTF-8 text (NFC, so each is one code point).
std::size_t letters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::pair<std::size_t, std::size_t> extent(std::string_view text) {  // letters of the longest line, lines
    std::size_t longest = 0, lines = 0;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        longest = std::max(longest, letters(text.substr(0, end)));
        ++lines;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {longest, lines};
}

constexpr double kLetterWidth = 0.57, kLineHeight = 1.3, kMargin_px = 1.5;  // of Noto Sans, bold included

bool goes_before(LabelCandidate const& a, LabelCandidate const& b) { return std::tie(b.rank, a.key, a.text) < std::tie(a.rank, b.key, b.text); }

}  // namespace

LabelPlan::Box LabelPlan::box(LabelCandidate const& candidate, bool with_text, bool with_figure) const {
    std::size_t longest = 0, lines = 0;
    if (with_text) std::tie(longest, lines) = extent(candidate.text);
    if (with_figure && !candidate.figure.empty()) {
        longest = std::max({longest, std::size_t{3}, letters(candidate.figure)});
        ++lines;
    }
    double const half_width = (double(longest) * candidate.size_px * kLetterWidth / 2 + kMargin_px) * metres_per_px_;
    double const half_height = (double(lines) * candidate.size_px * kLineHeight / 2 + kMargin_px) * metres_per_px_;
    return {candidate.x - half_width, candidate.y - half_height, candidate.x + half_width, candidate.y + half_height};
}

bool LabelPlan::is_free(Box const& box) const {
    return std::none_of(taken_.begin(), taken_.end(), [&](Box const& other) { return box.overlaps(other); });
}

void LabelPlan::place_all(std::vector<LabelCandidate> candidates) {
    std::sort(candidates.begin(), candidates.end(), goes_before);
    struct Placed {
        LabelCandidate const* candidate;
        std::size_t box;  // index in taken_
    };
    std::vector<Placed> figures;
    for (auto const& candidate : candidates) {
        if (candidate.figure.empty()) continue;
        auto const small = box(candidate, false, true);
        if (!is_free(small)) continue;
        figures.push_back({&candidate, taken_.size()});
        taken_.push_back(small);
    }
    auto const fits = [&](LabelCandidate const& candidate) {
        return candidate.width_limit_px <= 0 || double(extent(candidate.text).first) * candidate.size_px * kLetterWidth <= candidate.width_limit_px;
    };
    for (auto const& [candidate, index] : figures) {
        Label label{"", candidate->figure, "figure", candidate->crop, candidate->x, candidate->y};
        auto const centred = box(*candidate, true, true);
        // The figure stays on its unit, at the anchor: the name goes above it, or both around it.
        double const up = double(extent(candidate->text).second) * candidate->size_px * kLineHeight / 2 * metres_per_px_;
        for (double const dy : {up, 0.0, up * 0.5, up * 1.5}) {
            if (!fits(*candidate)) break;
            Box const whole{centred.west, centred.south + dy, centred.east, centred.north + dy};
            bool is_covering = false;
            for (std::size_t i = 0; i < taken_.size() && !is_covering; ++i) is_covering = i != index && whole.overlaps(taken_[i]);
            if (is_covering) continue;
            taken_[index] = whole;
            label = {candidate->text, candidate->figure, candidate->kind, candidate->crop, candidate->x, candidate->y + dy};
            break;
        }
        labels_.push_back(std::move(label));
        label_boxes_.push_back(taken_[index]);
    }
    for (auto const& candidate : candidates) {
        if (!candidate.figure.empty() || !fits(candidate)) continue;
        auto const whole = box(candidate, true, false);
        if (!is_free(whole)) continue;
        taken_.push_back(whole);
        labels_.push_back({candidate.text, "", candidate.kind, candidate.crop, candidate.x, candidate.y});
        label_boxes_.push_back(whole);
    }
}

void LabelPlan::place_local(std::vector<LabelCandidate> const& candidates) {
    std::vector<std::pair<LabelCandidate const*, Box>> free;
    for (auto const& candidate : candidates) {
        auto const whole = box(candidate, true, true);
        if (is_free(whole)) free.emplace_back(&candidate, whole);
    }
    std::sort(free.begin(), free.end(), [](auto const& a, auto const& b) { return goes_before(*a.first, *b.first); });
    std::vector<Box> placed;
    for (std::size_t i = 0; i < free.size(); ++i) {
        auto const& [candidate, whole] = free[i];
        bool const yields =
            std::any_of(free.begin(), free.begin() + static_cast<std::ptrdiff_t>(i), [&](auto const& other) { return other.second.overlaps(whole); });
        if (yields) continue;
        placed.push_back(whole);
        labels_.push_back({candidate->text, candidate->figure, candidate->kind, candidate->crop, candidate->x, candidate->y});
        label_boxes_.push_back(whole);
    }
    taken_.insert(taken_.end(), placed.begin(), placed.end());
}

void LabelPlan::avoid(std::vector<Obstacle> const& obstacles) {
    for (std::size_t i = moved_; i < labels_.size(); ++i) {
        auto& box = label_boxes_[i];
        auto const cover = [&](double dx, double dy) {
            double sum = 0;
            for (auto const& o : obstacles) {
                double const r = o.radius_px * metres_per_px_;
                double const width = std::min(box.east + dx, o.x + r) - std::max(box.west + dx, o.x - r);
                double const height = std::min(box.north + dy, o.y + r) - std::max(box.south + dy, o.y - r);
                if (width > 0 && height > 0) sum += width * height;
            }
            return sum;
        };
        double const up = (box.north - box.south) * 0.75, side = (box.east - box.west) * 0.6;
        double best = cover(0, 0), best_dx = 0, best_dy = 0;
        for (auto const& [dx, dy] : {std::pair{0.0, up}, {0.0, -up}, {side, 0.0}, {-side, 0.0}, {side, up}, {-side, up}, {side, -up}, {-side, -up}}) {
            if (best <= 0) break;
            if (double const covered = cover(dx, dy); covered < best) best = covered, best_dx = dx, best_dy = dy;
        }
        labels_[i].x += best_dx, labels_[i].y += best_dy;
        box = {box.west + best_dx, box.south + best_dy, box.east + best_dx, box.north + best_dy};
    }
    moved_ = labels_.size();
    taken_ = label_boxes_;
}

std::string wrap_name(std::string const& name) {
    if (letters(name) <= 12) return name;
    std::size_t best = std::string::npos;
    long best_distance = 0;
    for (auto at = name.find(' '); at != std::string::npos; at = name.find(' ', at + 1)) {
        long const distance = std::labs(static_cast<long>(at) - static_cast<long>(name.size() / 2));
        if (best == std::string::npos || distance < best_distance) best = at, best_distance = distance;
    }
    if (best == std::string::npos) return name;
    std::string out = name;
    out[best] = '\n';
    return out;
}

}  // namespace tile_server
