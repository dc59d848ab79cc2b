#pragma once

#include <string>
#include <string_view>

namespace api::rest {

/// Writes JSON straight into a string: for lists and streams, where a tree of values would cost most of the time.
class JsonWriter {
public:
    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name);
    JsonWriter& value(std::string_view text);
    JsonWriter& value(char const* text) { return value(std::string_view{text}); }
    JsonWriter& value(long long number);
    JsonWriter& value(int number) { return value(static_cast<long long>(number)); }
    JsonWriter& value(bool truth);
    /// The shortest text that reads back as the same double; null when not finite.
    JsonWriter& value(double number);
    JsonWriter& null();
    /// JSON that is already written, such as PostGIS' geometry.
    JsonWriter& raw(std::string_view json);
    /// "name": text, or null when the text is empty.
    JsonWriter& text_or_null(std::string_view name, std::string_view text);
    template <typename T>
    JsonWriter& member(std::string_view name, T const& of) {
        return key(name).value(of);
    }

    std::string& text() { return text_; }
    std::string take() { return std::move(text_); }

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate();

    std::string text_;
    bool needs_comma_ = false;
};

/// Appends a JSON string literal; well-formed UTF-8 is taken as it is, anything else becomes U+FFFD.
void append_json_text(std::string& out, std::string_view text);

}  // namespace api::rest
