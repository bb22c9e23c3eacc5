// Handle: the owner of a libuv handle, for headers that are read without <uv.h>; what is behind it is in
// handle.hpp. To destroy it is to close the handle.
#pragma once

#include <memory>

namespace weir {

struct CloseHandle {
    template <class Node>
    void operator()(Node* node) const noexcept;
};

template <class UV, class Owner>
struct HandleNode;

template <class UV, class Owner>
using Handle = std::unique_ptr<HandleNode<UV, Owner>, CloseHandle>;

}  // namespace weir
