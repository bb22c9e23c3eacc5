// Names looked up by the system (getaddrinfo) in libuv's threads. Owned by the Loop's Resolver; what runs
// when it is destroyed ends by itself and tells nobody. Loop's thread.
#pragma once

#include <memory>

#include "core/io/resolver.hpp"

namespace weir {

class Loop;

std::unique_ptr<Resolver::Lookup> make_name_lookup(Loop& loop);

}  // namespace weir
