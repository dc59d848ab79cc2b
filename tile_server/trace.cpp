#include "tile_server/trace.hpp"

namespace tile_server::trace {
namespace {

thread_local Recording* current = nullptr;

}  // namespace

Recording::Recording(bool times_stages) : times_stages_{times_stages}, outer_{current} { current = this; }

Recording::~Recording() { current = outer_; }

PartTimer::PartTimer(std::string const& layer, bool is_from_memory, std::string const& tile) : recording_{current}, tile_{tile} {
    if (recording_ == nullptr) return;
    recording_->parts.push_back({layer, is_from_memory, 0, 0, 0, {}});
    recording_->is_in_part_ = true;
    bytes_before_ = tile.size();
    begun_ = std::chrono::steady_clock::now();
}

PartTimer::~PartTimer() {
    if (recording_ == nullptr) return;
    auto& part = recording_->parts.back();
    part.seconds = seconds_since(begun_);
    part.bytes = tile_.size() - bytes_before_;
    recording_->is_in_part_ = false;
}

StageTimer::StageTimer(Stage stage) : stage_{stage} {
    if (current == nullptr || !current->times_stages_ || !current->is_in_part_ || current->is_in_stage_) return;
    recording_ = current;
    recording_->is_in_stage_ = true;
    begun_ = std::chrono::steady_clock::now();
}

StageTimer::~StageTimer() {
    if (recording_ == nullptr) return;
    recording_->parts.back().stage_s[static_cast<std::size_t>(stage_)] += seconds_since(begun_);
    recording_->is_in_stage_ = false;
}

bool times_stages() { return current != nullptr && current->times_stages_; }

void add_rows(std::uint64_t count) {
    if (current != nullptr && current->is_in_part_) current->parts.back().rows += count;
}

}  // namespace tile_server::trace
