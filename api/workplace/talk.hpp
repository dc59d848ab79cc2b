#pragma once

#include "api/workplace/desk.hpp"

/// What people say about a record, on its page: messages between producer and officers, and what consumers sent.
namespace api::workplace {

/// model["talk"], where the role writes messages and rows of the entity have them. Who looks has read them.
void put_talk(Desk const& desk, Entity const& entity, std::int64_t key, gis_core::Json& model);
/// model["feedback"], of a product, for who reads feedback.
void put_feedback(Desk const& desk, Entity const& entity, std::int64_t key, gis_core::Json& model);

}  // namespace api::workplace
