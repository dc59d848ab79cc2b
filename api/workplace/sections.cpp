#include "api/workplace/sections.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <set>

namespace api::workplace {
namespace {

constexpr char const* kFile = "workplace.toml";
constexpr std::size_t kMost = 7;  // entries of the rail that people still take in at a glance

[[noreturn]] void refuse(std::string const& what) { throw gis_core::Error{gis_core::ErrorKind::invalid_argument, fmt::format("{}: {}", kFile, what)}; }

std::string word(toml::node_view<toml::node> node, std::string const& where) {
    auto const text = node.value<std::string>();
    if (!text || text->empty()) refuse(fmt::format("{} is missing, must be text", where));
    return *text;
}

}  // namespace

std::vector<Section> load_sections(std::filesystem::path const& data, programme::dictionary::Dictionary const& dictionary) {
    std::vector<Section> out;
    std::set<std::string> placed;
    toml::table file;
    try {
        file = toml::parse_file((data / kFile).string());
    } catch (toml::parse_error const& error) {
        refuse(fmt::format("line {}: {}", error.source().begin.line, error.description()));
    }
    auto* const tables = file["section"].as_array();
    if (tables == nullptr || tables->size() > kMost) refuse(fmt::format("one to {} tables [[section]]", kMost));
    for (auto& node : *tables) {
        toml::node_view<toml::node> const table{node};
        Section section;
        section.id = word(table["id"], "id");
        auto const text = [&](char const* key) {
            return programme::dictionary::Text{word(table[key]["vi"], section.id + "." + key + ".vi"), word(table[key]["en"], section.id + "." + key + ".en")};
        };
        section.icon = word(table["icon"], section.id + ".icon");
        section.title = text("title");
        section.mine = text("mine");
        section.about = text("about");
        if (auto* const ids = table["entities"].as_array()) {
            for (auto& id : *ids) {
                auto const name = id.value_or(std::string{});
                auto const* entity = dictionary.find(name);
                if (entity == nullptr) refuse(fmt::format("{}: {} is no entity of entities.toml", section.id, name));
                if (!placed.insert(name).second) refuse(fmt::format("{}: {} stands twice", section.id, name));
                section.entities.push_back(entity);
            }
        }
        out.push_back(std::move(section));
    }
    for (auto const& entity : dictionary.entities()) {
        if (!placed.contains(entity.id)) refuse(fmt::format("the entity {} stands in no section", entity.id));
    }
    return out;
}

}  // namespace api::workplace
