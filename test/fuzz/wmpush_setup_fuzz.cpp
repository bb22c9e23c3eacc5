// What pushing encoders ask, as any bytes: push-ids and paths within their limits, a printable sentence for
// each refusal.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "protocols/http/wire.hpp"
#include "protocols/wmpush/setup.hpp"

using namespace weir;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

void check_request(const http::Request& request) {
    (void)wmpush::kind_of(request);
    (void)wmpush::is_encoder(request.header("User-Agent").value_or(""));
    const auto push_id = wmpush::push_id_of(request);
    if (push_id) {
        require(push_id.value().size() <= wmpush::kMaxPushId && push_id.value() != "0");
        require(is_printable(push_id.value()));
    } else {
        require(is_printable(push_id.error().detail));
    }
    const auto names = wmpush::names_in(request.path);
    require(!names.name.starts_with('/') && names.with_suffix.starts_with(names.name));
    require(names.with_suffix.find('?') == std::string_view::npos && request.path.ends_with(names.query));
}

void check_directives(std::string_view body) {
    const auto parsed = wmpush::parse_directives(body);
    if (!parsed) return require(is_printable(parsed.error().detail));
    const auto& path = parsed.value().template_url;
    if (path)
        require(path->starts_with('/') && path->find('\0') == std::string::npos && !path->ends_with("/.."));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes in{data, size};
    http::RequestReader reader;
    if (reader.next(in) == http::RequestReader::Event::head) {
        check_request(reader.request());
        check_directives(as_text(in));
    }
    const std::string_view text = as_text({data, size});
    check_directives(text);
    // The same bytes as a cookie and a path alone: most inputs are no HTTP.
    http::Request request;
    request.path = text;
    request.headers.push_back({"Cookie", std::string(text)});
    check_request(request);
    return 0;
}
