// URLs: what is taken is fit for a request line, and reads the same when written out.
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "protocols/http/url.hpp"

using namespace weir;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto url = http::parse_url(as_text({data, size}));
    if (!url) {
        require(!url.error().detail.empty());
        return 0;
    }
    const http::Url& u = url.value();
    require(u.scheme == "http" || u.scheme == "mmsh");
    require(!u.host.empty() && u.port > 0 && u.path.starts_with('/'));
    for (const std::string& text : {u.host, u.path}) {
        for (char c : text) require(c > 0x20 && c < 0x7F);
    }
    const std::string written = u.scheme + "://" + u.host_header() + u.path;
    const auto again = http::parse_url(written);
    if (written.size() > http::Url::kMaxLength) return 0;  // "mms" grew to "mmsh"
    require(again.ok());
    require(again.value().host == u.host && again.value().port == u.port && again.value().path == u.path);
    return 0;
}
