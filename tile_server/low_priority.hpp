#pragma once

#include <sys/resource.h>
#include <unistd.h>

namespace tile_server {

/// This thread lets others go first from now on (Linux counts niceness by thread).
inline void run_at_low_priority(int niceness) { ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness); }

}  // namespace tile_server
