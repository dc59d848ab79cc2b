#pragma once

#include <string>
#include <string_view>

namespace programme {

/// A QR code as the data of one SVG path: a unit square a dark module, a quiet zone of four around it.
struct QrCode {
    int size;  // with the quiet zone: viewBox="0 0 size size"
    std::string path;
};

/// Error correction M. \throws gis_core::Error(invalid_argument) when the text is too long for a code.
QrCode make_qr_code(std::string_view text);

}  // namespace programme
