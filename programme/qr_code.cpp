#include "programme/qr_code.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <zint.h>

#include <memory>

namespace programme {

QrCode make_qr_code(std::string_view text) {
    constexpr int kQuiet = 4;
    constexpr int kCorrectionM = 2;
    std::unique_ptr<zint_symbol, decltype(&ZBarcode_Delete)> symbol{ZBarcode_Create(), &ZBarcode_Delete};
    symbol->symbology = BARCODE_QRCODE;
    symbol->option_1 = kCorrectionM;
    symbol->input_mode = UNICODE_MODE;
    auto const* bytes = reinterpret_cast<unsigned char const*>(text.data());
    if (ZBarcode_Encode(symbol.get(), bytes, static_cast<int>(text.size())) >= ZINT_ERROR) {
        throw gis_core::invalid_field("text", text, "short enough for a QR code (some 2,300 bytes)");
    }
    QrCode code{symbol->width + 2 * kQuiet, {}, {}};
    for (int y = 0; y < symbol->rows; ++y) {
        for (int x = 0; x < symbol->width;) {
            auto const is_dark = [&](int at) { return ((symbol->encoded_data[y][at / 8] >> (at % 8)) & 1) != 0; };
            int end = x;
            while (end < symbol->width && is_dark(end)) ++end;
            if (end > x) code.bars.push_back({x + kQuiet, y + kQuiet, end - x});
            x = end > x ? end : x + 1;
        }
    }
    for (auto const& bar : code.bars) code.path += fmt::format("M{} {}h{}v1h-{}z", bar.x, bar.y, bar.width, bar.width);
    return code;
}

}  // namespace programme
