#pragma once

#include <string>
#include <vector>

namespace test_support {

/// A database of one test's own, dropped at the end. Tests that change data work here.
class TestDatabase {
public:
    enum class From {
        migrated,  // the schema, no rows of ours
        demo,      // loaded with the demo at scale 1, as OCOPMAP_TEST_DATABASE is
    };
    explicit TestDatabase(From from = From::migrated);
    ~TestDatabase();
    TestDatabase(TestDatabase const&) = delete;
    TestDatabase& operator=(TestDatabase const&) = delete;

    std::string const& name() const { return name_; }
    /// The owner's conninfo.
    std::string const& conninfo() const { return conninfo_; }
    /// The conninfo of a service role: "ocopmap_api", "ocopmap_tiles".
    std::string conninfo_as(std::string const& role) const;
    /// Runs SQL as the owner: one statement, or several in one implicit transaction. \throws with PostgreSQL's message.
    void execute(std::string const& sql) const;
    /// Rows of a query as text; NULL is an empty string.
    std::vector<std::vector<std::string>> query(std::string const& sql) const;
    /// The one value of a query.
    std::string value(std::string const& sql) const;

private:
    std::string name_;
    std::string conninfo_;
};

/// The same on any conninfo.
std::vector<std::vector<std::string>> query(std::string const& conninfo, std::string const& sql);
std::string value(std::string const& conninfo, std::string const& sql);
/// A conninfo with one keyword replaced: with_keyword(database(), "user", "ocopmap_api").
std::string with_keyword(std::string const& conninfo, std::string const& keyword, std::string const& new_value);

}  // namespace test_support
