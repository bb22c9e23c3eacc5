// ASF's StreamFormat: a header understood, and the form in which its packets are served.
#pragma once

#include "core/asf/header.hpp"
#include "core/asf/packet.hpp"
#include "core/media/container.hpp"

namespace weir::asf {

// What the packets of a run have in front. Only the first packet tells.
enum class ErrorCorrection {
    present,           // three bytes or more
    missing_but_fits,  // optional fields could make room for it
    missing,
};

ErrorCorrection error_correction_of(const Packet& parsed) noexcept;

class Format final : public StreamFormat {
  public:
    // `header` is what parse_header() made of `blob`. Error: too_large where packets would become longer than
    // every output can carry.
    static Result<StreamFormatPtr> make(Bytes blob, Header header, ErrorCorrection ec);

    const Container& container() const noexcept override;
    Bytes header() const noexcept override { return served_; }
    std::size_t max_packet() const noexcept override { return served_packet_size_; }
    std::uint32_t bit_rate() const noexcept override { return header_.bit_rate; }
    std::string describe() const override;
    std::vector<StreamInfo> streams() const override;
    bool is_live() const noexcept override { return header_.broadcast; }
    Duration preroll() const noexcept override;
    std::string difference(const StreamFormat& newer) const override;
    StreamMap map_from(const StreamFormat& newer) const override;
    Result<PacketInfo> inspect(Bytes packet) const override;
    Result<std::size_t> fit(Bytes packet, const StreamFormat& served, MutableBytes out) const override;
    Result<> retime(MutableBytes packet, const Move& move) const override;
    void units(Bytes packet, std::vector<Unit>& out) const override;
    std::size_t make_filler(Bytes last, MutableBytes out) const override;

    // The header as it came, in values.
    const Header& parsed() const noexcept { return header_; }

    Format(Bytes blob, Header header, ErrorCorrection ec, std::uint32_t served_packet_size);

  private:
    Result<Packet> parse(Bytes packet) const;

    Header header_;
    ErrorCorrection ec_;
    std::uint32_t served_packet_size_;
    std::vector<std::uint8_t> served_;
};

}  // namespace weir::asf
