#include "core/asf/test_signal.hpp"

#include <array>

#include "core/asf/format.hpp"

namespace weir::asf {

namespace {

constexpr std::uint32_t kRate = 16'000;
constexpr std::uint32_t kPacketMs = 50;
constexpr std::uint32_t kPreroll = 1500;
constexpr std::size_t kSamples = kRate * kPacketMs / 1000;
constexpr std::size_t kSound = kSamples * 2;
// Prefix, flags, times; stream, object number, offset, replicated data length; object size, presentation
// time.
constexpr std::size_t kPacketHead = 3 + 2 + 6 + 7 + 8;
constexpr std::size_t kPacketSize = kPacketHead + kSound;
constexpr std::uint32_t kBitRate = kPacketSize * 8 * 1000 / kPacketMs;
constexpr std::uint64_t kPacketsPerSecond = 1000 / kPacketMs, kBeepPackets = 2;
constexpr std::uint8_t kStream = 1;
constexpr Guid kFileId = guid("7E1A3C52-5D0B-4C6E-9F27-77656972A5F1");

// A sine from its half period of k / half, by Bhaskara's formula: within 0.2 %, and integers only.
constexpr std::int16_t sine(std::int32_t k, std::int32_t period, std::int32_t amplitude) {
    const std::int32_t half = period / 2;
    const std::int32_t x = k % half;
    const std::int32_t product = x * (half - x);
    const std::int32_t value = amplitude * 16 * product / (5 * half * half - 4 * product);
    return static_cast<std::int16_t>(k % period < half ? value : -value);
}

// Both periods divide a packet's samples, so every packet begins and ends at a zero of its tone: no clicks.
constexpr std::int32_t kTonePeriod = 40, kToneAmplitude = 2500;  // 400 Hz
constexpr std::int32_t kBeepPeriod = 16, kBeepAmplitude = 9000;  // 1000 Hz
static_assert(kSamples % kTonePeriod == 0 && kSamples % kBeepPeriod == 0);

constexpr auto make_sound(std::int32_t period, std::int32_t amplitude) {
    std::array<std::uint8_t, kSound> out{};
    for (std::size_t i = 0; i < kSamples; ++i) {
        const auto v = static_cast<std::uint16_t>(
            sine(static_cast<std::int32_t>(i % static_cast<std::size_t>(period)), period, amplitude));
        out[2 * i] = static_cast<std::uint8_t>(v);
        out[2 * i + 1] = static_cast<std::uint8_t>(v >> 8);
    }
    return out;
}
constexpr auto kTone = make_sound(kTonePeriod, kToneAmplitude);
constexpr auto kBeep = make_sound(kBeepPeriod, kBeepAmplitude);

class Builder {
  public:
    void u8(unsigned v) { out.push_back(static_cast<std::uint8_t>(v)); }
    void u16(unsigned v) { u8(v & 0xFF), u8(v >> 8); }
    void u32(std::uint32_t v) { u16(v & 0xFFFF), u16(v >> 16); }
    void u64(std::uint64_t v) {
        u32(static_cast<std::uint32_t>(v)), u32(static_cast<std::uint32_t>(v >> 32));
    }
    void id(const Guid& g) { out.insert(out.end(), g.bytes.begin(), g.bytes.end()); }

    std::vector<std::uint8_t> out;
};

// The fields of asf.md 3.1 to 3.5 in their order. What normalise_header() sets is left 0.
std::vector<std::uint8_t> make_blob() {
    constexpr std::size_t kWaveFormat = 18;
    Builder b;
    b.id(kHeaderObject), b.u64(0), b.u32(3), b.u8(1), b.u8(2);

    b.id(kFileProperties), b.u64(file_properties::kSize), b.id(kFileId);
    b.u64(0), b.u64(0), b.u64(0), b.u64(0), b.u64(0), b.u64(kPreroll);
    b.u32(file_properties::kBroadcast), b.u32(kPacketSize), b.u32(kPacketSize), b.u32(kBitRate);

    b.id(kHeaderExtension), b.u64(46), b.id(kReserved1), b.u16(6), b.u32(0);

    b.id(kStreamProperties), b.u64(78 + kWaveFormat), b.id(kAudio), b.id(kNoErrorCorrection);
    b.u64(0), b.u32(kWaveFormat), b.u32(0), b.u16(kStream), b.u32(0);
    b.u16(1), b.u16(1), b.u32(kRate), b.u32(kRate * 2), b.u16(2), b.u16(16), b.u16(0);

    store_u64le(b.out.data() + kGuidSize, b.out.size());
    b.id(kDataObject), b.u64(kDataObjectHead), b.id(kFileId), b.u64(0), b.u16(0x0101);
    return std::move(b.out);
}

class AsfTestSignal final : public TestSignal {
  public:
    AsfTestSignal() {
        const auto blob = make_blob();
        auto header = parse_header(blob, blob.size());
        auto format = Format::make(blob, std::move(header).value(), ErrorCorrection::present);
        format_ = std::move(format).value();
        constexpr std::uint8_t kHead[] = {0x82, 0x00, 0x00, 0x00, 0x5D};
        std::copy(std::begin(kHead), std::end(kHead), packet_.begin());
        store_u16le(packet_.data() + 9, kPacketMs);
        packet_[11] = 0x80 | kStream;
        packet_[17] = 8;
        store_u32le(packet_.data() + 18, kSound);
    }

    StreamFormatPtr format() const override { return format_; }
    Duration packet_duration() const noexcept override { return Duration{kPacketMs}; }

    Bytes packet(std::uint64_t n) override {
        const auto send_time = static_cast<std::uint32_t>(n * kPacketMs);  // wraps as the format's clock does
        store_u32le(packet_.data() + 5, send_time);
        packet_[12] = static_cast<std::uint8_t>(n);  // media object number
        store_u32le(packet_.data() + 22, send_time + kPreroll);
        const auto& sound = n % kPacketsPerSecond < kBeepPackets ? kBeep : kTone;
        std::copy(sound.begin(), sound.end(), packet_.begin() + kPacketHead);
        return packet_;
    }

  private:
    StreamFormatPtr format_;
    std::array<std::uint8_t, kPacketSize> packet_{};
};

}  // namespace

std::unique_ptr<TestSignal> open_test_signal() {
    return std::make_unique<AsfTestSignal>();
}

}  // namespace weir::asf
