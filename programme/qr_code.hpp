#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace programme {

/// A QR code as rows of dark modules and as the data of one SVG path, with a quiet zone of four modules around it.
struct QrCode {
    struct Bar {
        int x, y, width;  // in modules, one high
    };
    int size;  // with the quiet zone: viewBox="0 0 size size"
    std::vector<Bar> bars;
    std::string path;
};

/// Error correction M. \throws gis_core::Error(invalid_argument) when the text is too long for a code.
QrCode make_qr_code(std::string_view text);

}  // namespace programme
