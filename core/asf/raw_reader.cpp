#include "core/asf/raw_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/asf/object.hpp"

namespace weir::asf {

namespace {

constexpr std::size_t kMaxLost = 1024 * 1024;            // then this is no ASF any more
constexpr std::uint64_t kMaxSkipped = 64 * 1024 * 1024;  // of one index object
constexpr std::size_t kMark = 3;                         // bytes by which a packet is looked for
constexpr std::uint8_t kEndLetters[] = {0x24, 0x45};     // $E
constexpr Guid kIndexes[] = {kSimpleIndex, kIndex, kMediaObjectIndex, kTimecodeIndex};
constexpr std::uint8_t kPrefix[kMark] = {0x82, 0x00, 0x00};

bool is_index(const Guid& g) noexcept {
    return std::find(std::begin(kIndexes), std::end(kIndexes), g) != std::end(kIndexes);
}

}  // namespace

Result<Step> RawReader::step(Bytes in, StreamReader::Output& out) {
    switch (state_) {
        case State::header:
            return read_header(in);
        case State::border:
            return at_border(in, out);
        case State::skip:
            return skip_some(in);
        case State::lost:
            return search(in, out);
        case State::tail:
            break;
    }
    return in_tail(in);
}

Result<Step> RawReader::read_header(Bytes in) {
    const auto found = find_header_blob(in, limit_);
    if (const auto* need = std::get_if<Need>(&found)) return Step{.used = 0, .need = in.size() + need->more};
    if (const auto* error = std::get_if<Error>(&found)) return *error;
    const auto size = std::get<Got<std::size_t>>(found).used;
    if (auto begun = run_.begin(in.first(size), limit_); !begun) return begun.error();
    const auto& h = run_.header();
    // A file says how long its data are, twice; a live stream says nothing that could be believed.
    const auto packets = h.data_size > kDataObjectHead ? (h.data_size - kDataObjectHead) / h.packet_size : 0;
    counted_ = !h.broadcast && packets > 0 && h.data_packets == packets;
    data_left_ = counted_ ? packets * h.packet_size : 0;
    lost_ = 0;
    state_ = State::border;
    return Step{.used = size, .need = 0};
}

void RawReader::count(std::size_t used) noexcept {
    if (!counted_) return;
    data_left_ -= std::min<std::uint64_t>(data_left_, used);
    if (data_left_ == 0) state_ = State::tail;
}

Result<Step> RawReader::at_border(Bytes in, StreamReader::Output& out) {
    auto end = recognise_end(in);
    if (!end) return end.error();
    if (end.value()) return *end.value();
    auto object = recognise_object(in);
    if (!object) return object.error();
    if (object.value()) return *object.value();
    return at_packet(in, out);
}

Result<Step> RawReader::at_packet(Bytes in, StreamReader::Output& out) {
    const auto size = run_.packet_size();
    if (in.size() < size) return Step{.used = 0, .need = size};
    const auto packet = in.first(size);
    const auto parsed = run_.parse(packet);
    if (parsed) {
        lost_ = 0;
        count(size);
        if (auto done = run_.deliver(packet, parsed.value(), out); !done) return done.error();
        return Step{.used = size, .need = 0};
    }
    // One damaged packet, or bytes missing? What stands where the next one should begin tells.
    if (in.size() < size + kMark) return Step{.used = 0, .need = size + kMark};
    if (auto told = out.on_bad_packet(parsed.error()); !told) return told.error();
    const bool only_this = may_begin_something(in.subspan(size));
    const std::size_t used = only_this ? size : 1;
    if (auto done = lose(used, parsed.error()); !done) return done.error();
    if (only_this) {
        count(size);
    } else {
        state_ = State::lost;
        counted_ = false;  // nobody knows how many bytes are missing
    }
    return Step{.used = used, .need = 0};
}

// Nothing is told here: the loss was, when it began.
Result<Step> RawReader::search(Bytes in, StreamReader::Output& out) {
    if (in.size() < kMark) return Step{.used = 0, .need = kMark};
    std::size_t at = 0;
    while (at + kMark <= in.size() && !may_begin_something(in.subspan(at))) ++at;
    const Error nothing{Errc::bad_input, "ASF: no packet found again"};
    if (at > 0) {
        if (auto done = lose(at, nothing); !done) return done.error();
        return Step{.used = at, .need = 0};
    }
    if (begins_like(in, kHeaderObject) || std::any_of(std::begin(kIndexes), std::end(kIndexes),
                                                      [&](const Guid& g) { return begins_like(in, g); })) {
        if (in.size() < kObjectHead) return Step{.used = 0, .need = kObjectHead};
        state_ = State::border;
        return Step{};
    }
    if (may_begin_packet(in)) {
        const auto size = run_.packet_size();
        if (in.size() < size) return Step{.used = 0, .need = size};
        const auto packet = in.first(size);
        const auto parsed = run_.parse(packet);
        // Chance makes packets too, but hardly any with streams of this header.
        if (parsed && !parsed.value().parity &&
            (parsed.value().filler() || judge_packet(packet, parsed.value(), run_.header()).media)) {
            lost_ = 0;
            state_ = State::border;
            if (auto done = run_.deliver(packet, parsed.value(), out); !done) return done.error();
            return Step{.used = size, .need = 0};
        }
    }
    if (auto done = lose(1, nothing); !done) return done.error();
    return Step{.used = 1, .need = 0};
}

Result<> RawReader::lose(std::size_t bytes, const Error& why) {
    lost_ += bytes;
    if (lost_ > kMaxLost)
        return Error{Errc::bad_input,
                     fmt::format("ASF: {} bytes without a packet, given up ({})", lost_, why.detail)};
    return Ok{};
}

Result<std::optional<Step>> RawReader::recognise_end(Bytes in) {
    const std::size_t held = std::min(in.size(), std::size(kEndLetters));
    if (!std::equal(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(held), kEndLetters))
        return std::optional<Step>{};
    // A packet without error-correction part could begin so; then all of the run's do.
    if (run_.has_packets() && run_.first_byte() == kEndLetters[0] && run_.second_byte() == kEndLetters[1])
        return std::optional<Step>{};
    constexpr std::size_t kHead = 4;
    if (in.size() < kHead) return std::optional<Step>{Step{.used = 0, .need = kHead}};
    const std::size_t length = load_u16le(in.data() + 2);
    if (length != 4 && length != 8) return std::optional<Step>{};
    if (in.size() < kHead + length) return std::optional<Step>{Step{.used = 0, .need = kHead + length}};
    finished_ = true;
    return std::optional<Step>{Step{.used = kHead + length, .need = 0}};
}

Result<std::optional<Step>> RawReader::recognise_object(Bytes in) {
    // No packet is shorter than the least object head (kMinPacketSize), so waiting for one costs nothing.
    if (in.size() < kObjectHead) return std::optional<Step>{Step{.used = 0, .need = kObjectHead}};
    const Guid g = load_guid(in.data());
    if (g == kHeaderObject) {
        state_ = State::header;
        return std::optional<Step>{Step{}};
    }
    if (!is_index(g)) return std::optional<Step>{};
    auto begun = begin_skip(in, State::border);
    if (!begun) return begun.error();
    return std::optional<Step>{begun.value()};
}

Result<Step> RawReader::begin_skip(Bytes in, State next) {
    const auto size = load_u64le(in.data() + kGuidSize);
    if (size < kObjectHead || size > kMaxSkipped)
        return Error{Errc::bad_input,
                     fmt::format("ASF: {} behind the packets has size {}, expected {} to {}",
                                 name_of(load_guid(in.data())), size, kObjectHead, kMaxSkipped)};
    skip_ = size - kObjectHead;
    after_skip_ = next;
    state_ = skip_ == 0 ? next : State::skip;
    return Step{.used = kObjectHead, .need = 0};
}

Result<Step> RawReader::skip_some(Bytes in) {
    const auto used = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, in.size()));
    skip_ -= used;
    if (skip_ == 0) state_ = after_skip_;
    return Step{.used = used, .need = 0};
}

// Only objects may follow a file's last packet; those of unknown kind are skipped like any other.
Result<Step> RawReader::in_tail(Bytes in) {
    auto end = recognise_end(in);
    if (!end) return end.error();
    if (end.value()) return *end.value();
    auto object = recognise_object(in);
    if (!object) return object.error();
    if (object.value()) {
        if (state_ == State::border) state_ = State::tail;
        if (state_ == State::skip) after_skip_ = State::tail;
        return *object.value();
    }
    return begin_skip(in, State::tail);
}

bool RawReader::may_begin_packet(Bytes in) const noexcept {
    if (!run_.has_packets()) return std::equal(std::begin(kPrefix), std::end(kPrefix), in.begin());
    const bool has_part = (run_.first_byte() & 0x80) != 0;
    // Without the part in front only the property flags are always the same.
    if (!has_part) return (in[0] & 0x80) == 0 && in[1] == run_.second_byte();
    if (in[0] != run_.first_byte()) return false;
    // Bytes of the part that are not zero count something, and change.
    return run_.second_byte() != 0 || run_.third_byte() != 0 || (in[1] == 0 && in[2] == 0);
}

bool RawReader::may_begin_something(Bytes in) const noexcept {
    const auto mark = in.first(kMark);
    if (may_begin_packet(mark) || begins_like(mark, kHeaderObject)) return true;
    return std::any_of(std::begin(kIndexes), std::end(kIndexes),
                       [&](const Guid& g) { return begins_like(mark, g); });
}

}  // namespace weir::asf
