#include "core/io/name_lookup.hpp"

#include <netdb.h>
#include <uv.h>

#include <string>
#include <utility>

#include "core/base/intrusive_list.hpp"
#include "core/io/loop.hpp"
#include "core/io/uv_error.hpp"

namespace weir {

namespace {

// A running lookup cannot be cancelled: libuv keeps this until it ends, whether anybody still waits or not.
struct Running : ListNode<Running> {
    uv_getaddrinfo_t request{};
    std::string name;
    Loop* loop = nullptr;
    Resolver* resolver = nullptr;
};

class NameLookup final : public Resolver::Lookup {
  public:
    explicit NameLookup(Loop& loop) : loop_(loop) {}
    ~NameLookup() override {
        while (Running* lookup = running_.pop_front()) {
            lookup->resolver = nullptr;
            uv_cancel(reinterpret_cast<uv_req_t*>(&lookup->request));  // one that waits for a thread ends now
        }
    }

    Result<> start(Resolver& resolver, const std::string& name) override {
        auto lookup = std::make_unique<Running>();
        lookup->name = name;
        lookup->loop = &loop_;
        lookup->resolver = &resolver;
        lookup->request.data = lookup.get();
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        const int code =
            uv_getaddrinfo(loop_.raw(), &lookup->request, on_done, name.c_str(), nullptr, &hints);
        if (code != 0) return Error{Errc::system, uv_strerror(code)};
        running_.push_back(*lookup.release());
        return Ok{};
    }

  private:
    static void on_done(uv_getaddrinfo_t* request, int status, addrinfo* found) {
        const std::unique_ptr<Running> lookup{static_cast<Running*>(request->data)};
        auto addresses = status == 0 ? Result<SocketAddresses>{to_socket_addresses(found)}
                                     : Result<SocketAddresses>{Error{Errc::system, uv_strerror(status)}};
        uv_freeaddrinfo(found);
        if (!lookup->resolver) return;  // the Loop is gone, too
        lookup->unlink();
        lookup->loop->update_now();
        lookup->resolver->finish(lookup->name, std::move(addresses));
    }

    Loop& loop_;
    List<Running> running_;
};

}  // namespace

std::unique_ptr<Resolver::Lookup> make_name_lookup(Loop& loop) {
    return std::make_unique<NameLookup>(loop);
}

}  // namespace weir
