#pragma once

#include "programme/files/config.hpp"

#include <string_view>

namespace CLI {
class App;
}

namespace cli {

/// --files, --incoming and --clamd, and their variables of the environment.
void add_files_options(CLI::App& command, programme::files::Config& config);
/// A line to standard output.
void say_line(std::string_view line);

}  // namespace cli
