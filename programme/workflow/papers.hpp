#pragma once

#include "programme/dictionary/dictionary.hpp"
#include "programme/documents/block.hpp"
#include "programme/workflow/rubrics.hpp"

#include <pqxx/transaction_base>

#include <string>

/// The papers of the procedure (docs/reference/documents.md) from what dossiers and sessions hold, as the acting person may see them.
namespace programme::workflow {

struct PaperOrder {
    std::string kind;
    long long dossier = 0, sheet = 0;  // sheet: of a score-sheet
    std::string public_url;            // of the pages, for the certificate's QR code; empty: none
};
/// \throws Error(not_found) for what is not there yet, or not for the acting role
documents::Document paper_of_dossier(pqxx::transaction_base& tx, Rubrics& rubrics, dictionary::Dictionary const& words, PaperOrder const& order);
/// Minutes, ranking, decision or product-list. \throws Error(not_found); (conflict) where dossiers went by different rubrics
documents::Document paper_of_session(pqxx::transaction_base& tx, Rubrics& rubrics, dictionary::Dictionary const& words, std::string const& kind,
                                     long long session);

}  // namespace programme::workflow
