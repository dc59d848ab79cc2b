#pragma once

#include "api/records/handlers.hpp"

#include <memory>

namespace api {

/// The record as OGC API - Features for whoever signs in: Part 1 to read, Part 4 to create, replace, update and delete, with ETags
/// (20-002r1). A collection is an entity that has a place and that the acting role reads. Everything goes through Records, so
/// rights, rules, versions and the audit are the same; only the form differs.
class RecordFeatures {
public:
    RecordFeatures(std::shared_ptr<Records> records, Gate& gate, std::shared_ptr<programme::dictionary::Dictionary const> dictionary,
                   programme::access::Access access)
        : records_{std::move(records)}, gate_{gate}, dictionary_{std::move(dictionary)}, access_{std::move(access)} {}

    http::Response landing(http::Request const& request);
    http::Response conformance(http::Request const& request);
    http::Response definition(http::Request const& request);
    http::Response collections(http::Request const& request);
    http::Response collection(http::Request const& request);
    http::Response schema(http::Request const& request);
    http::Response items(http::Request const& request);
    http::Response item(http::Request const& request);
    http::Response create(http::Request const& request);
    http::Response replace(http::Request const& request) { return change(request, true); }
    http::Response update(http::Request const& request) { return change(request, false); }
    http::Response remove(http::Request const& request);

private:
    using Entity = programme::dictionary::Entity;
    http::Response change(http::Request const& request, bool whole);
    /// \throws Error(not_found) for what is no collection of the acting role.
    Entity const& entity_of(http::Request const& request);
    bool is_collection(Entity const& entity, std::string const& role) const;

    std::shared_ptr<Records> records_;
    Gate& gate_;
    std::shared_ptr<programme::dictionary::Dictionary const> dictionary_;
    programme::access::Access access_;
};

}  // namespace api
