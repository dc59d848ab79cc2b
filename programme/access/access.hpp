#pragma once

#include "programme/dictionary/dictionary.hpp"

#include <pqxx/transaction_base>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>

/// Who may read and write which records, written once: data/access.csv (docs/adr/0010).
namespace programme::access {

/// Which rows of an entity a role reaches.
enum class Reach {
    none,
    own,   // of the producer that the grant names
    area,  // of the unit that the grant names and of what became it
    past,  // the same, begun before the unit ended
    assigned,  // dossiers, and their producers, that were given to a council or advisory team on which the account has a seat
    all
};

struct Right {
    Reach reach = Reach::none;
    bool may_write = false;
    bool only_submitted = false;  // no dossier in draft, nor what hangs on one
    bool is_masked = false;       // read only, personal data masked or left out
    bool may_read() const { return reach != Reach::none; }
};

/// Immutable once loaded; shared freely between threads.
class Access {
public:
    /// \throws Error(invalid_argument) naming line, column, value and what is allowed, also for an entity that is missing.
    static Access load(std::filesystem::path const& data, dictionary::Dictionary const& dictionary);
    static Access parse(std::string_view csv, dictionary::Dictionary const& dictionary);

    Right right(std::string_view entity, std::string_view role) const;

private:
    Access() = default;
    std::map<std::pair<std::string, std::string>, Right, std::less<>> rights_;
};

/// Whether a row itself says whose it is, where no parent does: zones and plots.
bool names_producer(dictionary::Entity const& entity);

/// Whether a role sees a field at all, of the rows it reaches in full.
bool may_see(dictionary::Field const& field, std::string_view role);

/// How much of a field a role sees of the rows it reaches; is_masked: its right to them says so. What is masked and not sealed stands
/// masked in the column masked_column().
enum class Sight { none, masked, full };
Sight sight(dictionary::Field const& field, std::string_view role, bool is_masked);
std::string masked_column(dictionary::Field const& field);

/// Turns the list into policies and grants. Nothing is done when they stand already; true when they were written.
bool apply(Access const& access, dictionary::Dictionary const& dictionary, pqxx::transaction_base& tx);

}  // namespace programme::access
