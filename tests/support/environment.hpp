#pragma once

#include <chrono>
#include <functional>
#include <string>

/// What tests share. `./dev test` sets the environment; a test that needs a variable and does not find it fails loudly.
namespace test_support {

/// The value of an environment variable. \throws std::runtime_error naming it when unset or empty: never a silent skip.
std::string env(char const* name);

inline std::string database() { return env("OCOPMAP_TEST_DATABASE"); }    // owner, loaded with the demo; do not change its rows
inline std::string url() { return env("OCOPMAP_TEST_URL"); }              // nginx
inline std::string api_url() { return env("OCOPMAP_TEST_API_URL"); }      // the daemon itself
inline std::string tiles_url() { return env("OCOPMAP_TEST_TILES_URL"); }  // the daemon itself
inline std::string cli() { return env("OCOPMAP_TEST_CLI"); }
inline std::string state() { return env("OCOPMAP_TEST_STATE"); }  // a folder of this test run

/// The repository's root.
std::string source_dir();
/// The folder of real data (OCOPMAP_SHARED, else ../shared), empty when there is none: such tests are skipped with a message.
std::string shared_dir();

/// True as soon as condition() is true, false when the deadline has passed. Looks every 10 ms.
bool wait_until(std::function<bool()> const& condition, std::chrono::milliseconds deadline);

/// A TCP port of 127.0.0.1 that was free a moment ago.
int free_port();

}  // namespace test_support
