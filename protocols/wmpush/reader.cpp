#include "protocols/wmpush/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/asf/object.hpp"

namespace weir::wmpush {

namespace {

constexpr std::size_t kMinBlob = 80;  // an empty Header Object and the beginning of the Data Object
constexpr std::size_t kMmsHeader = 8;
constexpr std::size_t kMmsLengthAt = 6;

Error bad(std::string detail) {
    return Error{Errc::bad_input, "push packets: " + std::move(detail)};
}

// What a WMSP sender would have written; the rest of the stream has the form of its first header.
bool has_mms_header(Bytes payload) noexcept {
    return payload.size() >= kMmsHeader + asf::kGuidSize &&
           load_u16le(payload.data() + kMmsLengthAt) == payload.size() &&
           asf::begins_like(payload.subspan(kMmsHeader), asf::kHeaderObject);
}

}  // namespace

PushReader::PushReader(const ReaderLimits& limits)
    : limit_(std::min(limits.header_bytes, asf::kMaxHeaderBlob)) {}

void PushReader::begin_body(std::uint64_t length) {
    left_ = length;
    buffer_.clear();
}

Result<> PushReader::feed(Bytes in, Output& out) {
    while (!in.empty() && !failed_) {
        if (left_ < kHead) {  // too few for a packet: not looked at
            left_ -= std::min<std::uint64_t>(left_, in.size());
            return Ok{};
        }
        const bool buffered = !buffer_.empty();
        if (buffered) in = top_up(in);
        const auto used = step(buffered ? Bytes{buffer_} : in, out);
        if (!used) {
            failed_ = true;
            return used.error();
        }
        left_ -= used.value();
        if (!buffered && used.value() == 0) {
            buffer_.assign(in.begin(), in.end());
            return Ok{};
        }
        if (!buffered)
            in = in.subspan(used.value());
        else if (used.value() > 0)
            buffer_.clear();
    }
    return Ok{};
}

// Moves what completes the packet in the buffer, or its head, from the front of `in` to there.
Bytes PushReader::top_up(Bytes in) {
    const std::size_t whole = buffer_.size() < kHead ? kHead : kHead + load_u16le(buffer_.data() + 2);
    const Bytes part = in.first(std::min(in.size(), whole - buffer_.size()));
    buffer_.insert(buffer_.end(), part.begin(), part.end());
    return in.subspan(part.size());
}

// How many bytes it used: 0 where the packet is not complete.
Result<std::size_t> PushReader::step(Bytes in, Output& out) {
    const auto parsed = parse_packet(in, left_);
    if (std::holds_alternative<Need>(parsed)) return std::size_t{0};
    if (const auto* error = std::get_if<Error>(&parsed)) return *error;
    const auto& got = std::get<Got<Packet>>(parsed);
    ++packets_;
    if (++packets_in_second_ > kMaxPacketsPerSecond)
        return bad(fmt::format("more than {} packets in one second", kMaxPacketsPerSecond));
    if (auto done = on_packet(got.value, out); !done) return done.error();
    return got.used;
}

Result<> PushReader::on_packet(const Packet& packet, Output& out) {
    switch (packet.id) {
        case PacketId::header:
            ++media_;
            return on_header(packet);
        case PacketId::change:
            ++media_;
            return on_change(packet);
        case PacketId::data:
            ++media_;
            return on_data(packet.payload, out);
        case PacketId::end:
            if (state_ == State::start) return bad("$E before any $H, expected the header first");
            on_end(packet.reason);
            return Ok{};
        case PacketId::filler:
            if (state_ == State::start) return bad("$F before any $H, expected the header first");
            return Ok{};
        case PacketId::metadata:
            if (!is_from_relay_) return bad("a packet of kind 0x4D, expected $H, $D, $C, $E or $F");
            if (state_ == State::start) return bad("$M before any $H, expected the header first");
            return on_metadata(as_text(packet.payload), out);
    }
    return Ok{};
}

// Whatever else it says is none of ours.
Result<> PushReader::on_metadata(std::string_view text, Output& out) {
    if (!text.starts_with(kProvenanceMark)) return Ok{};
    const auto provenance = parse_provenance(text.substr(kProvenanceMark.size()));
    return provenance ? out.on_provenance(*provenance) : Result<>{Ok{}};
}

// In mid-stream it is an encoder that was restarted behind the same push, and means what $C means.
Result<> PushReader::on_header(const Packet& packet) {
    // Decided here, once: a header of the other form later on is malformed.
    if (state_ == State::start) form_ = has_mms_header(packet.payload) ? Form::with_mms_header : Form::plain;
    const auto blob = unwrapped(packet.payload);
    if (!blob) return blob.error();
    return begin_run(blob.value());
}

Result<> PushReader::on_change(const Packet& packet) {
    if (state_ == State::start) return bad("$C before any $H, expected the header first");
    if (state_ == State::done) return bad("$C after the end ($E), expected nothing, or a fresh $H");
    // As in WMSP: the header follows in a $H of its own.
    if (form_ == Form::with_mms_header && packet.payload.empty()) {
        state_ = State::entry_end;
        return Ok{};
    }
    return begin_run(packet.payload);
}

Result<> PushReader::begin_run(Bytes blob) {
    if (state_ != State::start && ++changes_in_minute_ > kMaxChangesPerMinute)
        return bad(fmt::format("more than {} headers in one minute", kMaxChangesPerMinute));
    if (blob.size() < kMinBlob)
        return bad(fmt::format("a header of {} bytes, expected {} or more", blob.size(), kMinBlob));
    if (auto begun = run_.begin(blob, limit_); !begun) return begun;
    state_ = State::media;
    announce_ = false;  // a new run announces itself
    return Ok{};
}

Result<> PushReader::on_data(Bytes data, Output& out) {
    switch (state_) {
        case State::start:
            return bad("$D before any $H, expected the header first");
        case State::entry_end:
            return bad("$D after the end of an entry ($E 1), expected $C");
        case State::done:
            return bad("$D after the end ($E), expected nothing, or a fresh $H");
        case State::media:
            break;
    }
    const auto packet = unwrapped(data);
    if (!packet) return packet.error();
    if (announce_ && run_.has_packets()) {
        if (auto taken = out.on_format(run_.format()); !taken) return taken;
    }
    announce_ = false;
    if (packet.value().size() < run_.packet_size()) return run_.deliver_short(packet.value(), out);
    const auto parsed = run_.parse(packet.value());
    if (!parsed) return out.on_bad_packet(parsed.error());
    return run_.deliver(packet.value(), parsed.value(), out);
}

Result<Bytes> PushReader::unwrapped(Bytes payload) const {
    if (form_ == Form::plain) return payload;
    if (payload.size() < kMmsHeader)
        return bad(fmt::format("a packet of {} bytes in a stream whose packets have an MMS header of {}",
                               payload.size(), kMmsHeader));
    return payload.subspan(kMmsHeader);
}

void PushReader::on_end(std::uint32_t reason) noexcept {
    if (state_ == State::done) return;
    end_reason_ = reason;
    state_ = reason == kEntryFinished ? State::entry_end : State::done;
}

}  // namespace weir::wmpush
