#include "protocols/wmsp/contexts.hpp"

namespace weir::wmsp {

Contexts::Contexts(Host& host) : host_(host) {}

Contexts::Context* Contexts::find(std::uint32_t client_id, std::string_view address) {
    drop_idle();
    const auto it = table_.find(client_id);
    return it != table_.end() && it->second->address == address ? it->second.get() : nullptr;
}

Contexts::Context& Contexts::create(std::string_view address) {
    drop_idle();
    // Describe alone makes a context, so anybody can make many: the longest idle one gives way.
    if (table_.size() >= kMaxContexts) {
        if (const Context* oldest = idle_.front()) table_.erase(oldest->client_id);
    }
    auto context = std::make_unique<Context>();
    do {
        context->client_id = host_.random();
    } while (context->client_id == 0 || table_.contains(context->client_id));
    context->address = address;
    Context& made = *context;
    table_.emplace(made.client_id, std::move(context));
    touch(made);
    return made;
}

void Contexts::touch(Context& context) {
    context.last_used = host_.timers().now();
    if (!context.playing) idle_.push_back(context);
}

void Contexts::playing(Context& context, PlayingClient& client) {
    context.playing = &client;
    context.unlink();
}

void Contexts::stopped(Context& context) {
    context.playing = nullptr;
    touch(context);
}

// Whenever the table is used: no timer is needed for what nobody asks about.
void Contexts::drop_idle() {
    while (const Context* oldest = idle_.front()) {
        if (host_.timers().now() - oldest->last_used < kIdleTimeout) break;
        table_.erase(oldest->client_id);
    }
}

}  // namespace weir::wmsp
