// A libuv handle lives in a heap node that libuv may keep until its close callback; the wrapper holds the
// node. To destroy the wrapper is to close the handle. The only uv_close() in the project.
#pragma once

#include <uv.h>

#include <memory>

#include "core/io/handle_ptr.hpp"

namespace weir {

template <class Node>
void CloseHandle::operator()(Node* node) const noexcept {
    node->owner = nullptr;  // a late callback finds nobody home
    uv_close(reinterpret_cast<uv_handle_t*>(&node->uv),
             [](uv_handle_t* handle) { delete static_cast<Node*>(handle->data); });
}

// A handle of libuv type UV and whoever is told of its events.
template <class UV, class Owner>
struct HandleNode {
    UV uv{};
    Owner* owner = nullptr;
};

// Makes a node whose handle `init` initialises; `init` returns libuv's code. Null where it failed: nothing
// was registered with libuv then.
template <class UV, class Owner, class Init>
Handle<UV, Owner> open_handle(Owner* owner, Init init, int& code) {
    auto node = std::make_unique<HandleNode<UV, Owner>>();
    node->owner = owner;
    node->uv.data = node.get();
    code = init(&node->uv);
    if (code != 0) return nullptr;
    return Handle<UV, Owner>{node.release()};
}

template <class UV, class Owner>
Owner* owner_of(UV* handle) noexcept {
    return static_cast<HandleNode<UV, Owner>*>(handle->data)->owner;
}

}  // namespace weir
