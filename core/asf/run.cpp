#include "core/asf/run.hpp"

#include <algorithm>

#include "core/asf/fit.hpp"

namespace weir::asf {

Result<> Run::begin(Bytes blob, std::size_t limit) {
    auto header = parse_header(blob, limit);
    if (!header) return header.error();
    header_ = std::move(header).value();
    blob_.assign(blob.begin(), blob.begin() + static_cast<std::ptrdiff_t>(header_.blob_size));
    has_header_ = true;
    format_ = nullptr;
    return Ok{};
}

Result<> Run::announce(Bytes packet, const Packet& parsed, StreamReader::Output& out) {
    if (format_) return Ok{};
    auto format = Format::make(blob_, header_, error_correction_of(parsed));
    if (!format) return format.error();
    format_ = std::move(format).value();
    blob_ = {};
    std::copy_n(packet.begin(), std::min(packet.size(), std::size(first_)), first_);
    return out.on_format(format_);
}

Result<> Run::deliver(Bytes packet, const Packet& parsed, StreamReader::Output& out) {
    if (auto done = announce(packet, parsed, out); !done) return done;
    return out.on_packet(packet, judge_packet(packet, parsed, header_));
}

Result<> Run::deliver_short(Bytes packet, StreamReader::Output& out) {
    auto parsed = parse(packet);
    // A sender may cut padding and leave its length in place (asf.md 5.1 variant B). Where the length names
    // just what is missing, zeros make the packet whole again; taken at its word it would lose as much of its
    // payload.
    const std::size_t missing = packet_size() - packet.size();
    if (!parsed || (!parsed.value().parity && parsed.value().padding_size == missing)) {
        padded_.assign(packet.begin(), packet.end());
        padded_.resize(packet_size());
        const auto whole = parse(padded_);
        // Only padding may come out of nothing.
        if (whole && !whole.value().parity && whole.value().payloads_end <= packet.size())
            return deliver(padded_, whole.value(), out);
    }
    if (!parsed) return out.on_bad_packet(parsed.error());
    if (parsed.value().parity) return deliver(packet, parsed.value(), out);
    if (auto done = announce(packet, parsed.value(), out); !done) return done;
    padded_.resize(format_->max_packet());
    const auto fitted = fit_packet(packet, parsed.value(), format_->max_packet(), padded_);
    if (!fitted) return out.on_bad_packet(fitted.error());
    const auto info = format_->inspect(padded_);
    if (!info) return out.on_bad_packet(info.error());
    return out.on_packet(padded_, info.value());
}

}  // namespace weir::asf
