#include "programme/content/markdown.hpp"

#include <cmark.h>

#include <cstdlib>
#include <memory>
#include <vector>

namespace programme::content {
namespace {

struct Free {
    void operator()(cmark_node* node) const { cmark_node_free(node); }
    void operator()(char* text) const { std::free(text); }
};
using Document = std::unique_ptr<cmark_node, Free>;

Document parse(std::string_view markdown) { return Document{cmark_parse_document(markdown.data(), markdown.size(), CMARK_OPT_DEFAULT)}; }

/// Every node once, as it is entered.
template <typename Visit>
void walk(cmark_node* root, Visit visit) {
    std::unique_ptr<cmark_iter, decltype(&cmark_iter_free)> const steps{cmark_iter_new(root), &cmark_iter_free};
    for (auto event = cmark_iter_next(steps.get()); event != CMARK_EVENT_DONE; event = cmark_iter_next(steps.get())) {
        if (event == CMARK_EVENT_ENTER) visit(cmark_iter_get_node(steps.get()));
    }
}

bool is_safe_link(std::string_view url) {
    return url.starts_with("https://") || url.starts_with("http://") || url.starts_with("mailto:") || (url.starts_with("/") && !url.starts_with("//")) ||
           url.starts_with("#");
}

}  // namespace

std::string to_html(std::string_view markdown) {
    auto const document = parse(markdown);
    std::vector<cmark_node*> pictures;
    walk(document.get(), [&](cmark_node* node) {
        auto const type = cmark_node_get_type(node);
        if (type == CMARK_NODE_LINK && !is_safe_link(cmark_node_get_url(node))) cmark_node_set_url(node, "");
        if (type == CMARK_NODE_HEADING && cmark_node_get_heading_level(node) < 2) cmark_node_set_heading_level(node, 2);  // the page's title is the first
        if (type == CMARK_NODE_IMAGE) pictures.push_back(node);
    });
    for (auto* picture : pictures) {
        while (auto* child = cmark_node_first_child(picture)) cmark_node_insert_before(picture, child);  // its words stay
        cmark_node_free(picture);
    }
    std::unique_ptr<char, Free> const html{cmark_render_html(document.get(), CMARK_OPT_DEFAULT)};  // safe: HTML of the text is left out
    return html.get();
}

std::string excerpt(std::string_view markdown, std::size_t longest) {
    auto const document = parse(markdown);
    std::string out;
    walk(document.get(), [&](cmark_node* node) {
        if (out.size() > longest) return;
        auto const type = cmark_node_get_type(node);
        if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE) out += cmark_node_get_literal(node);
        else if ((type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK || type == CMARK_NODE_PARAGRAPH || type == CMARK_NODE_HEADING) && !out.empty())
            out += ' ';
    });
    if (out.size() <= longest) return out;
    auto end = out.rfind(' ', longest);
    if (end == std::string::npos || end == 0) {
        end = longest;
        while ((static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) --end;  // no letter cut in two
    }
    out.resize(end);
    return out + "…";
}

}  // namespace programme::content
