#include "protocols/msbd/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace weir::msbd {

namespace {
// A ping and an end have 16 bytes; what is a little longer is taken for one.
constexpr std::size_t kMaxPlain = 64;

Error bad(std::string detail) {
    return Error{Errc::bad_input, "MSBD: " + std::move(detail)};
}
}  // namespace

Result<> LinkReader::feed(Bytes in, Output& out) {
    if (failed_ || finished()) return Ok{};
    while (!in.empty() || !partial_.empty()) {
        // A message is put together only where it came in pieces.
        if (!partial_.empty()) {
            const std::size_t taken = std::min(in.size(), need_ - partial_.size());
            partial_.insert(partial_.end(), in.begin(), in.begin() + static_cast<std::ptrdiff_t>(taken));
            in = in.subspan(taken);
            // Of what can be no message the first wrong byte tells.
            if (partial_.size() < need_ && partial_.size() >= kHead) return Ok{};
        }
        const Bytes all = partial_.empty() ? in : Bytes{partial_};
        const auto parsed = parse_message(all);
        if (const auto* need = std::get_if<Need>(&parsed)) {
            need_ = all.size() + need->more;
            if (partial_.empty()) {
                partial_.assign(in.begin(), in.end());
                in = {};
            }
            if (in.empty()) return Ok{};
            continue;
        }
        const auto* error = std::get_if<Error>(&parsed);
        Result<> done = error ? Result<>{*error} : on_message(std::get<Got<Message>>(parsed).value, out);
        if (!done) {
            failed_ = true;
            return done;
        }
        if (partial_.empty())
            in = in.subspan(std::get<Got<Message>>(parsed).used);
        else
            partial_.clear();
        if (finished()) return Ok{};
    }
    return Ok{};
}

Result<> LinkReader::on_message(const Message& message, Output& out) {
    const bool is_plain = message.kind == Kind::ping || message.kind == Kind::end;
    if (is_plain && kHead + message.body.size() > kMaxPlain)
        return bad(fmt::format("a {} of {} bytes, expected {}", to_string(message.kind),
                               kHead + message.body.size(), kHead));
    switch (message.kind) {
        case Kind::info:
        case Kind::info_again:
            return on_info(message, out);
        case Kind::packet:
            return on_packet(message, out);
        case Kind::ping:
            events_.on_ping();
            return Ok{};
        case Kind::end:
            state_ = State::ended;
            return Ok{};
        case Kind::provenance:
            if (!asked_as_relay_) break;
            return on_provenance(message.body, out);
        case Kind::pong:
        case Kind::ask_info:
        case Kind::connect:
        case Kind::connected:
            return bad(fmt::format("a {} from a server that has accepted", to_string(message.kind)));
    }
    if (++unknown_ > kMaxUnknown)
        return bad(fmt::format("{} messages of kinds unknown, the last is {}", unknown_,
                               static_cast<unsigned>(message.kind)));
    return Ok{};
}

Result<> LinkReader::on_provenance(Bytes text, Output& out) {
    const auto provenance = parse_provenance(as_text(text));
    if (!provenance)
        return bad(
            fmt::format("\"{}\" where a run, a number and relays should be", printable(as_text(text), 80)));
    return out.on_provenance(*provenance);
}

Result<> LinkReader::on_info(const Message& message, Output& out) {
    const auto info = parse_info(message);
    if (!info) return info.error();
    if (!info.value()) {
        if (!run_.has_header()) return Error{Errc::closed, "the server has no stream"};
        state_ = State::finished;
        return Ok{};
    }
    if (++infos_ > kMaxInfos)
        return bad(fmt::format("{} stream headers without a packet between them, expected at most {}", infos_,
                               kMaxInfos));
    // The answer to a question that nobody asked, or a server that repeats itself.
    if (message.kind == Kind::info_again && run_.has_header()) return Ok{};
    stream_ = info.value()->stream;
    if (auto begun = run_.begin(info.value()->header, limits_.header_bytes); !begun) return begun;
    state_ = State::receiving;
    const std::string_view link = as_text(info.value()->link);
    if (!asked_as_relay_ || !link.starts_with(kProvenanceMark)) return Ok{};
    return on_provenance(as_bytes(link.substr(kProvenanceMark.size())), out);
}

Result<> LinkReader::on_packet(const Message& message, Output& out) {
    const auto packet = parse_packet(message.body);
    if (!packet) return packet.error();
    if (state_ != State::receiving) {
        if (++early_ > kMaxEarlyPackets)
            return bad(fmt::format("{} packets without a stream header, expected at most {}", early_,
                                   kMaxEarlyPackets));
        return Ok{};
    }
    infos_ = 0;
    const auto& [head, payload] = packet.value();
    out.on_number(head.number);
    if (head.stream != stream_)
        return out.on_bad_packet(
            bad(fmt::format("a packet of stream 0x{:04X}, expected 0x{:04X}", head.stream, stream_)));
    if (payload.size() < run_.packet_size()) return run_.deliver_short(payload, out);
    const auto parsed = run_.parse(payload);
    if (!parsed) return out.on_bad_packet(parsed.error());
    return run_.deliver(payload, parsed.value(), out);
}

Result<> LinkReader::end() {
    if (!run_.has_header()) return Error{Errc::closed, "the connection ended before the stream's header"};
    return Ok{};
}

}  // namespace weir::msbd
