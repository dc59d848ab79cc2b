// The text of CQL2: OGC 21-065r2, annex B (grammar).
#include "gis_core/cql2/ascii.hpp"
#include "gis_core/cql2/geometry.hpp"
#include "gis_core/cql2/moment.hpp"
#include "gis_core/cql2/parsing.hpp"
#include "gis_core/text/vietnamese.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace gis_core::cql2 {
namespace {

enum class TokenKind { word, quoted_word, text, number, sign, end };

struct Token {
    TokenKind kind = TokenKind::end;
    std::string text;   // without quotes
    std::string upper;  // of a word
    double number = 0;
    std::size_t begin = 0, end = 0;  // bytes
};

constexpr std::array kReserved{"AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE", "DIV"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || static_cast<unsigned char>(c) >= 0x80; }
bool is_word_part(char c) { return is_word_start(c) || is_digit(c) || c == '.'; }

class Lexer {
public:
    explicit Lexer(std::string_view text) : text_{text} {}

    Token next() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
        Token token;
        token.begin = at_;
        if (at_ < text_.size()) {
            char const c = text_[at_];
            if (is_word_start(c)) {
                read_word(token);
            } else if (c == '"') {
                read_quoted_word(token);
            } else if (c == '\'') {
                read_text(token);
            } else if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
                read_number(token);
            } else {
                read_sign(token);
            }
        }
        token.end = at_;
        return token;
    }

    /// Counted in characters from 1, as an editor does.
    std::string where(std::size_t byte) const {
        auto const before = text_.substr(0, byte);
        return fmt::format("character {}", 1 + std::ranges::count_if(before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    }

private:
    void read_word(Token& token) {
        auto const begin = at_;
        while (at_ < text_.size() && is_word_part(text_[at_])) ++at_;
        token.kind = TokenKind::word;
        token.text = text_.substr(begin, at_ - begin);
        token.upper = to_upper(token.text);
    }

    void read_quoted_word(Token& token) {
        token.kind = TokenKind::quoted_word;
        for (++at_;; ++at_) {
            if (at_ >= text_.size()) refuse(where(token.begin), "a name without an end", "a closing \"");
            if (text_[at_] == '"') {
                if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                    ++at_;
                } else {
                    break;
                }
            }
            token.text += text_[at_];
        }
        ++at_;
        if (token.text.empty()) refuse(where(token.begin), "\"\"", "a name");
    }

    /// '' and \' stand for an apostrophe; any other backslash is itself.
    void read_text(Token& token) {
        token.kind = TokenKind::text;
        for (++at_;; ++at_) {
            if (at_ >= text_.size()) refuse(where(token.begin), "a text without an end", "a closing '");
            bool const is_escaped = at_ + 1 < text_.size() && text_[at_ + 1] == '\'' && (text_[at_] == '\'' || text_[at_] == '\\');
            if (is_escaped) {
                ++at_;
            } else if (text_[at_] == '\'') {
                break;
            }
            token.text += text_[at_];
        }
        ++at_;
    }

    void read_number(Token& token) {
        token.kind = TokenKind::number;
        auto const* const first = text_.data() + at_;
        auto const [end, error] = std::from_chars(first, text_.data() + text_.size(), token.number);
        if (error != std::errc{} || !std::isfinite(token.number)) refuse(where(at_), text_.substr(at_, 20), "a number between -1.8e308 and 1.8e308");
        token.text.assign(first, end);
        at_ += static_cast<std::size_t>(end - first);
        if (at_ < text_.size() && is_word_part(text_[at_]))
            refuse(where(token.begin), text_.substr(token.begin, 20), "a number, or a name that begins with a letter");
    }

    void read_sign(Token& token) {
        token.kind = TokenKind::sign;
        auto const two = text_.substr(at_, 2);
        auto const length = two == "<>" || two == "<=" || two == ">=" ? 2U : 1U;
        token.text = text_.substr(at_, length);
        if (length == 1 && std::string_view{"=<>()+-*/%^,"}.find(token.text[0]) == std::string_view::npos) {
            refuse(where(at_), token.text, "an operator, a name, a number or a text in '…'");
        }
        at_ += length;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::optional<Op> comparison_of(std::string_view sign) {
    if (sign == "=") return Op::equal;
    if (sign == "<>") return Op::not_equal;
    if (sign == "<") return Op::less;
    if (sign == "<=") return Op::less_equal;
    if (sign == ">") return Op::greater;
    if (sign == ">=") return Op::greater_equal;
    return std::nullopt;
}

std::optional<Geometry::Kind> geometry_of(std::string_view word) {
    using enum Geometry::Kind;
    if (word == "POINT") return point;
    if (word == "LINESTRING") return line_string;
    if (word == "POLYGON") return polygon;
    if (word == "MULTIPOINT") return multi_point;
    if (word == "MULTILINESTRING") return multi_line_string;
    if (word == "MULTIPOLYGON") return multi_polygon;
    if (word == "GEOMETRYCOLLECTION") return collection;
    return std::nullopt;
}

class Parser {
public:
    Parser(std::string_view text, Limits const& limits) : lexer_{text}, budget_{limits} {
        advance();
        advance();
    }

    Node parse() {
        auto node = disjunction();
        if (token_.kind != TokenKind::end) fail("AND, OR or the end");
        return node;
    }

private:
    // --- tokens
    void advance() {
        token_ = std::move(ahead_);
        ahead_ = lexer_.next();
    }
    std::string here() const { return lexer_.where(token_.begin); }
    [[noreturn]] void fail(std::string const& expected) const {
        refuse(here(),
               token_.kind == TokenKind::end    ? std::string{"the end"}
               : token_.kind == TokenKind::text ? "'" + token_.text + "'"
                                                : token_.text,
               expected);
    }
    bool is_sign(std::string_view sign) const { return token_.kind == TokenKind::sign && token_.text == sign; }
    bool is_word(std::string_view upper) const { return token_.kind == TokenKind::word && token_.upper == upper; }
    bool opens_next() const { return ahead_.kind == TokenKind::sign && ahead_.text == "("; }
    bool take_sign(std::string_view sign) {
        if (!is_sign(sign)) return false;
        advance();
        return true;
    }
    bool take_word(std::string_view upper) {
        if (!is_word(upper)) return false;
        advance();
        return true;
    }
    void need_sign(std::string const& sign) {
        if (!take_sign(sign)) fail("'" + sign + "'");
    }
    void need_word(std::string const& upper) {
        if (!take_word(upper)) fail(upper);
    }
    Node counted(Node node) {
        budget_.node(node.where);
        return node;
    }

    // --- booleans
    Node disjunction() {
        return chain(Op::or_, "OR", [this] { return conjunction(); });
    }
    Node conjunction() {
        return chain(Op::and_, "AND", [this] { return negation(); });
    }

    template <typename Part>
    Node chain(Op op, std::string_view word, Part const& part) {
        auto const where = here();
        auto first = part();
        if (!is_word(word)) return first;
        std::vector<Node> args;
        args.push_back(std::move(first));
        while (take_word(word)) args.push_back(part());
        return counted(operation(op, where, std::move(args)));
    }

    Node negation() {
        auto const where = here();
        if (!take_word("NOT")) return predicate();
        Budget::Level const level{budget_, where};
        return counted(operation(Op::not_, where, list(negation())));
    }

    Node predicate() {
        auto const where = here();
        auto left = sum();
        if (token_.kind == TokenKind::sign) {
            auto const op = comparison_of(token_.text);
            if (!op) return left;
            advance();
            return counted(operation(*op, where, list(std::move(left), sum())));
        }
        if (take_word("IS")) {
            bool const is_not = take_word("NOT");
            need_word("NULL");
            return negated(is_not, counted(operation(Op::is_null, where, list(std::move(left)))));
        }
        bool const is_not = take_word("NOT");
        if (take_word("LIKE")) {
            return negated(is_not, counted(operation(Op::like, where, list(std::move(left), sum()))));
        }
        if (take_word("BETWEEN")) {
            auto low = sum();
            need_word("AND");
            return negated(is_not, counted(operation(Op::between, where, list(std::move(left), std::move(low), sum()))));
        }
        if (take_word("IN")) {
            if (!is_sign("(")) fail("'(' and a list of values");
            return negated(is_not, counted(operation(Op::in, where, list(std::move(left), array()))));
        }
        if (is_not) fail("LIKE, BETWEEN or IN after NOT");
        return left;
    }

    static Node negated(bool is_not, Node node) {
        if (!is_not) return node;
        auto const where = node.where;
        return operation(Op::not_, where, list(std::move(node)));
    }

    template <typename... Nodes>
    static std::vector<Node> list(Nodes... nodes) {
        std::vector<Node> all;
        (all.push_back(std::move(nodes)), ...);
        return all;
    }

    // --- arithmetic
    Node sum() {
        auto const where = here();
        auto left = product();
        for (;;) {
            auto const op = is_sign("+") ? std::optional{Op::add} : is_sign("-") ? std::optional{Op::subtract} : std::nullopt;
            if (!op) return left;
            advance();
            left = counted(operation(*op, where, list(std::move(left), product())));
        }
    }

    Node product() {
        auto const where = here();
        auto left = power();
        for (;;) {
            std::optional<Op> op;
            if (is_sign("*")) op = Op::multiply;
            if (is_sign("/")) op = Op::divide;
            if (is_sign("%")) op = Op::modulo;
            if (is_word("DIV")) op = Op::integer_divide;
            if (!op) return left;
            advance();
            left = counted(operation(*op, where, list(std::move(left), power())));
        }
    }

    Node power() {
        auto const where = here();
        auto base = factor();
        if (!take_sign("^")) return base;
        auto exponent = factor();
        return counted(operation(Op::power, where, list(std::move(base), std::move(exponent))));
    }

    Node factor() {
        auto const where = here();
        if (take_sign("+")) return factor_after_sign(where, false);
        if (take_sign("-")) return factor_after_sign(where, true);
        return operand();
    }

    Node factor_after_sign(std::string const& where, bool is_negative) {
        auto node = operand();
        if (!is_negative) return node;
        if (node.kind == Kind::number) {
            node.number = -node.number;
            return node;
        }
        Node minus;
        minus.kind = Kind::number;
        minus.where = where;
        minus.number = -1;
        return counted(operation(Op::multiply, where, list(std::move(minus), std::move(node))));
    }

    // --- operands
    Node operand() {
        auto const where = here();
        Node node;
        node.where = where;
        switch (token_.kind) {
        case TokenKind::end: break;
        case TokenKind::sign:
            if (is_sign("(")) return group();
            break;
        case TokenKind::text:
            node.kind = Kind::text;
            node.text = token_.text;
            advance();
            return counted(std::move(node));
        case TokenKind::number:
            node.kind = Kind::number;
            node.number = token_.number;
            advance();
            return counted(std::move(node));
        case TokenKind::quoted_word: return property();
        case TokenKind::word: return word();
        }
        fail("a value: a property, a number, a text in '…', a function");
    }

    Node property() {
        Node node;
        node.kind = Kind::property;
        node.where = here();
        node.text = token_.text;
        advance();
        return counted(std::move(node));
    }

    /// ( expression ), or an array ( a, b ) or ().
    Node group() {
        auto const where = here();
        Budget::Level const level{budget_, where};
        need_sign("(");
        if (is_sign(")")) {
            advance();
            return array_node(where, {});
        }
        auto first = disjunction();
        if (take_sign(")")) return first;
        if (!is_sign(",")) fail("')', or ',' and more values of a list");
        std::vector<Node> items;
        items.push_back(std::move(first));
        while (take_sign(",")) items.push_back(disjunction());
        need_sign(")");
        return array_node(where, std::move(items));
    }

    Node array() {
        auto const where = here();
        Budget::Level const level{budget_, where};
        need_sign("(");
        std::vector<Node> items;
        if (!is_sign(")")) {
            do items.push_back(disjunction());
            while (take_sign(","));
        }
        need_sign(")");
        return array_node(where, std::move(items));
    }

    Node array_node(std::string const& where, std::vector<Node> items) {
        Node node;
        node.kind = Kind::array;
        node.where = where;
        node.args = std::move(items);
        return counted(std::move(node));
    }

    Node word() {
        auto const where = here();
        if (is_word("TRUE") || is_word("FALSE")) {
            Node node;
            node.kind = Kind::boolean;
            node.where = where;
            node.flag = is_word("TRUE");
            advance();
            return counted(std::move(node));
        }
        if (std::ranges::find(kReserved, token_.upper) != kReserved.end())
            fail("a value: a property, a number, a text in '…', a function (a property of this name stands in \"…\")");
        if (auto const kind = geometry_of(token_.upper);
            kind && (opens_next() || (ahead_.kind == TokenKind::word && (ahead_.upper == "Z" || ahead_.upper == "EMPTY")))) {
            return counted(geometry_node(geometry(), where, budget_));
        }
        if (!opens_next()) return property();
        if (is_word("DATE")) return counted(date_node(bracketed_text(), where));
        if (is_word("TIMESTAMP")) return counted(timestamp_node(bracketed_text(), where));
        if (is_word("INTERVAL")) return interval();
        if (is_word("BBOX")) return box();
        return call();
    }

    std::string bracketed_text() {
        advance();
        need_sign("(");
        if (token_.kind != TokenKind::text) fail("a text in '…'");
        auto text = token_.text;
        advance();
        need_sign(")");
        return text;
    }

    Node interval() {
        Node node;
        node.kind = Kind::interval;
        node.where = here();
        Budget::Level const level{budget_, node.where};
        advance();
        need_sign("(");
        node.args.push_back(end_of_interval());
        need_sign(",");
        node.args.push_back(end_of_interval());
        need_sign(")");
        return counted(std::move(node));
    }

    Node end_of_interval() {
        auto const where = here();
        if (token_.kind == TokenKind::text) {
            auto node = interval_end(token_.text, where);
            advance();
            return counted(std::move(node));
        }
        if (token_.kind == TokenKind::word || token_.kind == TokenKind::quoted_word) return operand();
        fail("a date, a timestamp or '..' in quotes, or a property");
    }

    Node box() {
        auto const where = here();
        advance();
        need_sign("(");
        std::vector<double> numbers;
        do numbers.push_back(signed_number());
        while (numbers.size() < 7 && take_sign(","));
        need_sign(")");
        return counted(box_node(std::move(numbers), where));
    }

    Node call() {
        auto const where = here();
        Budget::Level const level{budget_, where};
        auto const name = token_.text;
        auto const* const known = find_op(token_.upper);
        bool const is_array = known != nullptr && known->op_class == OpClass::array;
        advance();
        need_sign("(");
        std::vector<Node> args;
        if (!is_sign(")")) {
            do args.push_back(is_array && is_sign("(") ? array() : disjunction());
            while (take_sign(","));
        }
        need_sign(")");
        auto node = operation(known != nullptr ? known->op : Op::function, where, std::move(args));
        if (known == nullptr) node.text = name;
        if (known != nullptr && node.args.size() != arity(known->op)) {
            refuse(where, fmt::format("{} arguments", node.args.size()), fmt::format("{} of {}", arity(known->op), known->json));
        }
        return counted(std::move(node));
    }

    // --- geometries
    double signed_number() {
        bool const is_negative = is_sign("-");
        if (is_negative || is_sign("+")) advance();
        if (token_.kind != TokenKind::number) fail("a number");
        auto const number = token_.number;
        advance();
        return is_negative ? -number : number;
    }

    Geometry geometry() {
        auto const kind = geometry_of(token_.upper);
        if (!kind) fail("POINT, LINESTRING, POLYGON, MULTIPOINT, MULTILINESTRING, MULTIPOLYGON or GEOMETRYCOLLECTION");
        advance();
        bool const has_heights = take_word("Z");
        if (is_word("EMPTY")) fail("'(': an empty geometry matches nothing");
        auto shape = body(*kind);
        if (has_heights && shape.dimension != 3 && *kind != Geometry::Kind::collection) fail("three numbers a position after Z");
        return shape;
    }

    Geometry body(Geometry::Kind kind) {
        using enum Geometry::Kind;
        Budget::Level const level{budget_, here()};
        Geometry shape;
        shape.kind = kind;
        need_sign("(");
        do {
            if (kind == point || kind == line_string || kind == ring) {
                position(shape);
                if (kind == point) break;
                continue;
            }
            if (kind == multi_point && !is_sign("(")) {  // MULTIPOINT(1 2, 3 4)
                Geometry single;
                position(single);
                shape.parts.push_back(std::move(single));
            } else if (kind == collection) {
                if (token_.kind != TokenKind::word) fail("a geometry");
                shape.parts.push_back(geometry());
            } else {
                shape.parts.push_back(body(kind == polygon ? ring : kind == multi_point ? point : kind == multi_line_string ? line_string : polygon));
            }
            if (kind != collection && shape.parts.back().dimension != shape.parts.front().dimension) fail("two numbers a position, or three in all");
            if (kind != collection) shape.dimension = shape.parts.back().dimension;
        } while (take_sign(","));
        need_sign(")");
        return shape;
    }

    void position(Geometry& leaf) {
        auto const x = signed_number(), y = signed_number();
        int dimension = 2;
        std::optional<double> z;
        if (token_.kind == TokenKind::number || is_sign("-") || is_sign("+")) {
            z = signed_number();
            dimension = 3;
        }
        if (!leaf.coordinates.empty() && dimension != leaf.dimension) fail("two numbers a position, or three in all");
        leaf.dimension = dimension;
        leaf.coordinates.insert(leaf.coordinates.end(), {x, y});
        if (z) leaf.coordinates.push_back(*z);
        if (leaf.coordinates.size() > 300'000) fail("fewer positions");
    }

    Lexer lexer_;
    Budget budget_;
    Token token_, ahead_;
};

/// A long chain of + is deep as well.
void check_depth(Node const& node, int left) {
    if (left <= 0) refuse(node.where, "deeper", "fewer levels of nesting");
    for (auto const& arg : node.args) check_depth(arg, left - 1);
}

// --- writing ----------------------------------------------------------------------------------------------------------

void write(Node const& node, std::string& out);

void write_text(std::string_view text, std::string& out) {
    out += '\'';
    for (char const c : text) {
        // The grammar reads \' as an apostrophe and has no way to write a backslash before one.
        if (c == '\'' && out.back() == '\\') refuse("", text, "a text without a backslash before an apostrophe, which CQL2 text cannot say; JSON can");
        if (c == '\'') out += '\'';
        out += c;
    }
    if (out.back() == '\\') refuse("", text, "a text that does not end with a backslash, which CQL2 text cannot say; JSON can");
    out += '\'';
}

void write_name(std::string_view name, std::string& out) {
    out += '"';
    for (char const c : name) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

void write_list(std::vector<Node> const& nodes, std::string& out) {
    out += '(';
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (i > 0) out += ", ";
        write(nodes[i], out);
    }
    out += ')';
}

void write_end(Node const& end, std::string& out) {
    switch (end.kind) {
    case Kind::open_end: out += "'..'"; break;
    case Kind::date: out += "'" + day_text(end.ticks) + "'"; break;
    case Kind::timestamp: out += "'" + timestamp_text(end.ticks) + "'"; break;
    default: write(end, out);
    }
}

/// An operand that could be misread without brackets gets some.
void write_operand(Node const& node, std::string& out) {
    bool const is_infix = node.kind == Kind::operation && (name_of(node.op).op_class == OpClass::boolean || name_of(node.op).op_class == OpClass::comparison ||
                                                           name_of(node.op).op_class == OpClass::arithmetic);
    if (is_infix) out += '(';
    write(node, out);
    if (is_infix) out += ')';
}

void write_operation(Node const& node, std::string& out) {
    auto const& name = name_of(node.op);
    auto const infix = [&](std::string const& sign) {
        for (std::size_t i = 0; i < node.args.size(); ++i) {
            if (i > 0) out += sign;
            write_operand(node.args[i], out);
        }
    };
    switch (node.op) {
    case Op::not_:
        out += "NOT ";
        write_operand(node.args[0], out);
        return;
    case Op::is_null:
        write_operand(node.args[0], out);
        out += " IS NULL";
        return;
    case Op::between:
        write_operand(node.args[0], out);
        out += " BETWEEN ";
        write_operand(node.args[1], out);
        out += " AND ";
        write_operand(node.args[2], out);
        return;
    case Op::in:
        write_operand(node.args[0], out);
        out += " IN ";
        write_list(node.args[1].args, out);
        return;
    case Op::function:
        out += node.text;
        write_list(node.args, out);
        return;
    default: break;
    }
    switch (name.op_class) {
    case OpClass::boolean:
    case OpClass::comparison:
    case OpClass::arithmetic: infix(" " + to_upper(name.json) + " "); return;
    default: out += to_upper(name.json); write_list(node.args, out);
    }
}

void write(Node const& node, std::string& out) {
    switch (node.kind) {
    case Kind::property: write_name(node.text, out); break;
    case Kind::text: write_text(node.text, out); break;
    case Kind::number: fmt::format_to(std::back_inserter(out), "{}", node.number); break;
    case Kind::boolean: out += node.flag ? "TRUE" : "FALSE"; break;
    case Kind::date: out += "DATE('" + day_text(node.ticks) + "')"; break;
    case Kind::timestamp: out += "TIMESTAMP('" + timestamp_text(node.ticks) + "')"; break;
    case Kind::open_end: out += "'..'"; break;
    case Kind::interval:
        out += "INTERVAL(";
        write_end(node.args[0], out);
        out += ", ";
        write_end(node.args[1], out);
        out += ')';
        break;
    case Kind::geometry: out += to_wkt(*node.geometry); break;
    case Kind::bbox:
        out += "BBOX(";
        for (std::size_t i = 0; i < node.box.size(); ++i) fmt::format_to(std::back_inserter(out), "{}{}", i > 0 ? ", " : "", node.box[i]);
        out += ')';
        break;
    case Kind::array: write_list(node.args, out); break;
    case Kind::operation: write_operation(node, out); break;
    }
}

}  // namespace

Node parse_text(std::string_view text, Limits const& limits) {
    if (text.size() > limits.bytes) refuse("", fmt::format("{} bytes", text.size()), fmt::format("at most {} bytes", limits.bytes));
    if (!text::is_utf8(text)) refuse("", "bytes that are not UTF-8", "UTF-8");
    auto node = Parser{text, limits}.parse();
    check_depth(node, limits.depth);
    return node;
}

std::string to_text(Node const& node) {
    std::string out;
    write(node, out);
    return out;
}

}  // namespace gis_core::cql2
