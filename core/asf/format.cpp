#include "core/asf/format.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/asf/container.hpp"
#include "core/asf/fit.hpp"
#include "core/asf/retime.hpp"
#include "core/asf/streams.hpp"

namespace weir::asf {

namespace {

std::string_view name_of(ErrorCorrection ec) noexcept {
    return ec == ErrorCorrection::present ? "" : ", no error-correction part";
}

}  // namespace

ErrorCorrection error_correction_of(const Packet& parsed) noexcept {
    if (parsed.ec_size >= kErrorCorrection) return ErrorCorrection::present;
    return has_room_for_error_correction(parsed) ? ErrorCorrection::missing_but_fits
                                                 : ErrorCorrection::missing;
}

Result<StreamFormatPtr> Format::make(Bytes blob, Header header, ErrorCorrection ec) {
    auto size = header.packet_size;
    if (ec != ErrorCorrection::present) size += kErrorCorrection;
    if (size > kMaxPacketSize)
        return Error{Errc::too_large,
                     fmt::format("ASF header: packet size {} and {} bytes of error correction, "
                                 "expected at most {}",
                                 header.packet_size, kErrorCorrection, kMaxPacketSize)};
    return StreamFormatPtr{std::make_shared<const Format>(blob, std::move(header), ec, size)};
}

Format::Format(Bytes blob, Header header, ErrorCorrection ec, std::uint32_t served_packet_size)
    : header_(std::move(header)),
      ec_(ec),
      served_packet_size_(served_packet_size),
      served_(normalise_header(blob, header_, served_packet_size)) {}

const Container& Format::container() const noexcept {
    return asf::container();
}

std::string Format::describe() const {
    return fmt::format("{}; packets of {} bytes{}; {} kbit/s", describe_streams(header_), header_.packet_size,
                       name_of(ec_), header_.bit_rate / 1000);
}

std::vector<StreamInfo> Format::streams() const {
    return stream_infos(header_);
}

// No packet could state a time beyond 32 bits.
Duration Format::preroll() const noexcept {
    return Duration{static_cast<Duration::rep>(std::min<std::uint64_t>(header_.preroll, 0xFFFFFFFFU))};
}

std::string Format::difference(const StreamFormat& newer) const {
    if (&newer.container() != &container())
        return fmt::format("container: {} instead of asf", newer.container().name());
    const auto& other = static_cast<const Format&>(newer);
    if (other.header_.packet_size > served_packet_size_)
        return fmt::format("packet size: {} instead of at most {}", other.header_.packet_size,
                           served_packet_size_);
    // A run without the part gets it out of optional fields or padding; where the first packet shows no such
    // fields, full packets could not take it.
    if (other.ec_ == ErrorCorrection::missing && other.served_packet_size_ > served_packet_size_)
        return fmt::format("error-correction part: missing, and packets of {} bytes have no room for it",
                           other.header_.packet_size);
    return header_difference(header_, other.header_);
}

StreamMap Format::map_from(const StreamFormat& newer) const {
    if (&newer.container() != &container()) return {};
    return map_streams(header_, static_cast<const Format&>(newer).header_).value_or(StreamMap{});
}

Result<Packet> Format::parse(Bytes packet) const {
    auto parsed = parse_packet(packet, served_packet_size_);
    // What is longer than the source's own packet size can only be a packet that was fitted already.
    if (parsed && parsed.value().ec_size < kErrorCorrection && packet.size() > header_.packet_size)
        return Error{Errc::too_large, fmt::format("ASF packet: {} bytes, the header says {}", packet.size(),
                                                  header_.packet_size)};
    return parsed;
}

Result<PacketInfo> Format::inspect(Bytes packet) const {
    const auto parsed = parse(packet);
    if (!parsed) return parsed.error();
    return judge_packet(packet, parsed.value(), header_);
}

Result<std::size_t> Format::fit(Bytes packet, const StreamFormat& served, MutableBytes out) const {
    if (&served.container() != &container())
        return Error{Errc::incompatible, "ASF packet: the channel does not serve ASF"};
    const auto parsed = parse(packet);
    if (!parsed) return parsed.error();
    return fit_packet(packet, parsed.value(), served.max_packet(), out);
}

Result<> Format::retime(MutableBytes packet, const Move& move) const {
    const auto parsed = parse(packet);
    if (!parsed) return parsed.error();
    return retime_packet(packet, parsed.value(), move);
}

void Format::units(Bytes packet, std::vector<Unit>& out) const {
    if (const auto parsed = parse(packet)) append_units(packet, parsed.value(), header_, out);
}

std::size_t Format::make_filler(Bytes last, MutableBytes out) const {
    std::uint32_t send_time = 0;
    if (!last.empty()) {
        if (const auto parsed = parse(last)) send_time = parsed.value().send_time;
    }
    return asf::make_filler(send_time, served_packet_size_, out);
}

}  // namespace weir::asf
