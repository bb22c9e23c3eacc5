#include "reader.hpp"

#include <algorithm>
#include <cstring>

namespace bench {

namespace {
constexpr std::uint64_t kMostFraming = 64;  // between two packets
}

// The status code stands at bytes 9 to 11; the answer ends at an empty line.
char* Reader::read_answer(char* in, const char* end) {
    for (; in != end && answer_ < kAnswered; ++in) {
        if (answer_at_ < 12) {
            if (answer_at_ >= 9) status_ = static_cast<std::uint16_t>(status_ * 10 + (*in - '0'));
            ++answer_at_;
        }
        const char expected = answer_ % 2 == 0 ? '\r' : '\n';
        answer_ = *in == expected ? static_cast<std::uint8_t>(answer_ + 1) : *in == '\r' ? 1 : 0;
    }
    return in;
}

char* Reader::read_msbd_answer(char* in, const char* end) {
    constexpr std::uint8_t kSize = 36, kResult = 12, kResultEnd = 16;
    for (; in != end && answer_at_ < kSize; ++in, ++answer_at_) {
        if (answer_at_ >= kResult && answer_at_ < kResultEnd && *in != 0) status_ = 503;
    }
    if (answer_at_ < kSize) return in;
    if (status_ == 0) status_ = 200;
    answer_ = kAnswered;
    return in;
}

void Reader::read(char* in, std::size_t size, std::int64_t now, bool counts, Totals& totals) {
    const char* const end = in + size;
    if (!has_answer()) in = is_msbd_ ? read_msbd_answer(in, end) : read_answer(in, end);
    if (in == end) return;
    in -= kept_;
    std::memcpy(in, tail_, kept_);
    kept_ = 0;
    while (in != end) {
        const auto left = static_cast<std::size_t>(end - in);
        // Nothing to see before the packet's end.
        if (has_mark_ && !has_skipped_ && distance_ < kPacketSize) {
            const std::size_t pass = std::min<std::size_t>(left, kPacketSize - distance_);
            distance_ += pass, in += pass;
            continue;
        }
        auto* const mark = static_cast<char*>(memmem(in, left, kMark.data(), kMark.size()));
        if (mark && static_cast<std::size_t>(end - mark) >= kStampSize) {
            distance_ += static_cast<std::size_t>(mark - in);
            stamp(read_stamp(mark), now, counts, totals);
            distance_ = kStampSize, in = mark + kStampSize;
            continue;
        }
        // A stamp, or its beginning, may stand at the very end.
        const char* const keep = mark ? mark : end - std::min(left, kMark.size() - 1);
        kept_ = static_cast<std::uint8_t>(end - keep);
        std::memcpy(tail_, keep, kept_);
        distance_ += left - kept_;
        return;
    }
}

void Reader::stamp(const Stamp& stamp, std::int64_t now, bool counts, Totals& totals) {
    if (has_mark_ && stamp.run == run_) {
        // Some servers begin again further back; what comes twice is not lost.
        const std::uint64_t steps = stamp.number > number_ ? stamp.number - number_ : 0;
        // Behind bytes that were passed over, their number tells how many packets they were.
        const std::uint64_t came = has_skipped_ ? (distance_ + spacing_ / 2) / spacing_ : 1;
        totals.packets += came;
        if (steps > came) totals.lost += steps - came;
        if (steps == 1 && !has_skipped_ && distance_ <= kPacketSize + kMostFraming)
            spacing_ = static_cast<std::uint16_t>(distance_);
    } else {
        ++totals.packets;
    }
    has_mark_ = true, has_skipped_ = false;
    number_ = stamp.number, run_ = stamp.run;
    if (counts) totals.latency.add(now - stamp.ns);
}

void Reader::pass_over(std::size_t size) {
    distance_ += kept_ + size;
    kept_ = 0;
    has_skipped_ = true;
}

}  // namespace bench
