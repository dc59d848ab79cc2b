#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tile_server {

/// A name that wants a place. Positions are EPSG:3857 metres.
struct LabelCandidate {
    std::string text;    // one or two lines
    std::string figure;  // a line of its own below, or empty
    std::string kind;    // of styles::mapnik_xml
    std::string crop;
    double x, y;
    double size_px = 11;
    double width_limit_px = 0;  // 0: none; a name much wider than its unit is left out, its figure stays
    std::int64_t rank = 0;      // higher goes first
    std::int64_t key = 0;       // breaks ties, so that the order is the same in every picture
};

struct Label {
    std::string text, figure, kind, crop;
    double x, y;
};

/// Chooses which labels show at metres_per_px, so that none covers another. The choice never looks at a picture's
/// frame, and the pictures draw what was chosen without a collision test of their own: so a label looks the same in all
/// pictures it touches (seams). Nor does the choice among units look at their figures (up to 999): an edit of one product
/// moves no name elsewhere.
class LabelPlan {
public:
    explicit LabelPlan(double metres_per_px) : metres_per_px_{metres_per_px} {}

    /// Labels of the whole record, placed greedily by rank: figures first (they are the data), then names where there
    /// is room. Give all candidates of a kind, wherever they are.
    void place_all(std::vector<LabelCandidate> candidates);
    /// Labels of which only those around the frame are known: one is placed when it covers nothing placed by place_all
    /// and no candidate of a higher rank, be that one placed or not. Give all candidates within kReach_px of the frame.
    void place_local(std::vector<LabelCandidate> const& candidates);
    static constexpr double kReach_px = 256;
    /// Moves each label placed since the last call off the markers that it would cover, by about its own height or half
    /// its width; the place with the least cover wins. Looks at markers only, so it needs none beyond the reach.
    struct Obstacle {
        double x, y, radius_px;
    };
    void avoid(std::vector<Obstacle> const& obstacles);

    std::vector<Label> const& labels() const { return labels_; }

private:
    struct Box {
        double west, south, east, north;
        bool overlaps(Box const& other) const { return west < other.east && other.west < east && south < other.north && other.south < north; }
    };
    Box box(LabelCandidate const& candidate, bool with_text, bool with_figure) const;
    bool is_free(Box const& box) const;

    double metres_per_px_;
    std::vector<Box> taken_;
    std::vector<Label> labels_;
    std::vector<Box> label_boxes_;  // of labels_, at the same index
    std::size_t moved_ = 0;         // labels that avoid() has seen
};

/// "Phường An Hội" in two lines, at the blank nearest its middle, when it is longer than 12 letters.
std::string wrap_name(std::string const& name);

}  // namespace tile_server
