// The JSON of CQL2: OGC 21-065r2, annex A (schema).
#include "gis_core/cql2/geometry.hpp"
#include "gis_core/cql2/moment.hpp"
#include "gis_core/cql2/parsing.hpp"
#include "gis_core/json.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace gis_core::cql2 {
namespace {

class Reader {
public:
    explicit Reader(Limits const& limits) : limits_{limits}, budget_{limits} {}

    Node read(Json const& json, std::string const& where) {
        Budget::Level const level{budget_, where};
        budget_.node(where);
        Node node;
        node.where = where;
        if (json.is_boolean()) {
            node.kind = Kind::boolean;
            node.flag = json.get<bool>();
        } else if (json.is_number()) {
            node.kind = Kind::number;
            node.number = json.get<double>();
            if (!std::isfinite(node.number)) refuse(where, json.dump(), "a number between -1.8e308 and 1.8e308");
        } else if (json.is_string()) {
            node.kind = Kind::text;
            node.text = json.get<std::string>();
        } else if (json.is_array()) {
            node.kind = Kind::array;
            node.args = read_all(json, where);
        } else if (json.is_object()) {
            return read_object(json, where);
        } else {
            refuse(where, "null", "a value");
        }
        return node;
    }

private:
    std::vector<Node> read_all(Json const& json, std::string const& where) {
        std::vector<Node> nodes;
        for (std::size_t i = 0; i < json.size(); ++i) nodes.push_back(read(json[i], fmt::format("{}/{}", where, i)));
        return nodes;
    }

    static std::string const& text_of(Json const& json, std::string const& where) {
        if (!json.is_string()) refuse(where, json.dump().substr(0, 40), "a text");
        return json.get_ref<std::string const&>();
    }

    Node read_object(Json const& json, std::string const& where) {
        if (json.contains("op")) return read_operation(json, where);
        if (json.contains("type")) return read_geometry(json, where);
        if (json.size() != 1) refuse(where, json.dump().substr(0, 40), "one of op, property, date, timestamp, interval, bbox, or a GeoJSON geometry");
        auto const first = json.begin();
        auto const& key = first.key();
        auto const& value = first.value();
        auto const inside = where + "/" + key;
        if (key == "property") {
            Node node;
            node.kind = Kind::property;
            node.where = where;
            node.text = text_of(value, inside);
            if (node.text.empty()) refuse(inside, "\"\"", "the name of a property");
            return node;
        }
        if (key == "date") return date_node(text_of(value, inside), where);
        if (key == "timestamp") return timestamp_node(text_of(value, inside), where);
        if (key == "interval") return read_interval(value, inside);
        if (key == "bbox") return read_box(value, inside);
        refuse(where, key, "one of op, property, date, timestamp, interval, bbox, or a GeoJSON geometry");
    }

    Node read_interval(Json const& json, std::string const& where) {
        if (!json.is_array() || json.size() != 2) refuse(where, json.dump().substr(0, 40), "an array of the two ends");
        Node node;
        node.kind = Kind::interval;
        node.where = where;
        for (std::size_t i = 0; i < 2; ++i) {
            auto const inside = fmt::format("{}/{}", where, i);
            node.args.push_back(json[i].is_string() ? interval_end(json[i].get_ref<std::string const&>(), inside) : read(json[i], inside));
        }
        return node;
    }

    static Node read_box(Json const& json, std::string const& where) {
        std::vector<double> numbers;
        for (auto const& number : json.is_array() ? json : Json::array()) {
            if (!number.is_number()) refuse(where, number.dump().substr(0, 40), "numbers");
            numbers.push_back(number.get<double>());
        }
        return box_node(std::move(numbers), where);
    }

    Node read_geometry(Json const& json, std::string const& where) {
        try {
            return geometry_node(from_geojson(json, limits_.depth), where, budget_);
        } catch (std::invalid_argument const& error) {
            refuse(where, json.dump().substr(0, 40), error.what());
        }
    }

    Node read_operation(Json const& json, std::string const& where) {
        auto const& name = text_of(json["op"], where + "/op");
        auto const args = json.find("args");
        if (args == json.end() || !args->is_array()) refuse(where, name, "an array args beside op");
        auto const* const known = find_op(name);
        if (name.empty()) refuse(where + "/op", "\"\"", "the name of an operator or a function");
        auto node = operation(known != nullptr ? known->op : Op::function, where, read_all(*args, where + "/args"));
        if (known == nullptr) {
            node.text = name;
            return node;
        }
        auto const count = arity(known->op);
        bool const fits = count == 0 ? node.args.size() >= 2 : node.args.size() == count;
        if (!fits)
            refuse(where + "/args", fmt::format("{} arguments", node.args.size()),
                   count == 0 ? fmt::format("two or more of {}", name) : fmt::format("{} of {}", count, name));
        if (known->op == Op::in && node.args[1].kind != Kind::array) refuse(where + "/args/1", "one value", "an array of values");
        return node;
    }

    Limits const& limits_;
    Budget budget_;
};

Json number_of(double number) {
    if (number == std::trunc(number) && std::abs(number) < 9e15 && !(number == 0 && std::signbit(number))) return static_cast<std::int64_t>(number);
    return number;
}

Json write(Node const& node);

Json write_all(std::vector<Node> const& nodes) {
    auto json = Json::array();
    for (auto const& node : nodes) json.push_back(write(node));
    return json;
}

Json write_end(Node const& end) {
    if (end.kind == Kind::date) return day_text(end.ticks);
    if (end.kind == Kind::timestamp) return timestamp_text(end.ticks);
    return write(end);
}

Json write(Node const& node) {
    switch (node.kind) {
    case Kind::property: return {{"property", node.text}};
    case Kind::text: return node.text;
    case Kind::number: return number_of(node.number);
    case Kind::boolean: return node.flag;
    case Kind::date: return {{"date", day_text(node.ticks)}};
    case Kind::timestamp: return {{"timestamp", timestamp_text(node.ticks)}};
    case Kind::open_end: return "..";
    case Kind::interval: {
        auto ends = Json::array();
        for (auto const& end : node.args) ends.push_back(write_end(end));
        return {{"interval", std::move(ends)}};
    }
    case Kind::geometry: return to_geojson(*node.geometry);
    case Kind::bbox: return {{"bbox", node.box}};
    case Kind::array: return write_all(node.args);
    case Kind::operation: {
        Json json;
        json["op"] = node.op == Op::function ? node.text : std::string{name_of(node.op).json};
        json["args"] = write_all(node.args);
        return json;
    }
    }
    return nullptr;
}

}  // namespace

Node parse_json(std::string_view text, Limits const& limits) {
    if (text.size() > limits.bytes) refuse("", fmt::format("{} bytes", text.size()), fmt::format("at most {} bytes", limits.bytes));
    return Reader{limits}.read(gis_core::parse_json(text, "filter", 4 * limits.depth), "");
}

std::string to_json(Node const& node) { return gis_core::to_text(write(node)); }

}  // namespace gis_core::cql2
