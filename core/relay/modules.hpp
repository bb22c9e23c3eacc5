// What a relay is made of besides its core: the protocols it speaks and the containers it carries, listed by
// hand in protocols/builtin.cpp. An embedder may hand over its own list.
#pragma once

#include <span>

#include "core/relay/push.hpp"

namespace weir {

class Container;
class Protocol;

struct Modules {
    std::span<const Protocol* const> protocols;
    std::span<const Container* const> containers;  // the first one makes "test:"
    const Protocol* admin = nullptr;               // what the admin port speaks
    std::span<const PushForm> pushes = {};         // how channels are pushed to other servers
};

}  // namespace weir
