// What one client makes of its bytes: the HTTP answer, then stamps. It knows no framing: packets are at least
// kPacketSize apart and begin with a mark, so chunked HTTP and Windows Media's framing are read alike.
#pragma once

#include <cstdint>

#include "figures.hpp"
#include "stamp.hpp"

namespace bench {

// Of all clients together.
struct Totals {
    std::uint64_t packets = 0, lost = 0;
    Times latency;
};

class Reader {
  public:
    // What answers is no HTTP but RES_CONNECT, 36 bytes, with a result that is 0 where all is well: then the
    // status is 200. Before the first byte; again is no harm.
    void expect_msbd() { is_msbd_ = true; }
    bool has_answer() const { return answer_ == kAnswered; }
    // The status code, once there is an answer.
    int status() const { return status_; }
    bool has_packet() const { return has_mark_; }
    std::uint32_t run() const { return run_; }
    std::uint64_t number() const { return number_; }

    // Bytes as they came; latencies are counted where `counts`. The kStampSize bytes in front of `in` are
    // used: what was left of the read before goes there.
    void read(char* in, std::size_t size, std::int64_t now, bool counts, Totals& totals);
    // May bytes be passed over unseen? Only once the packets' spacing is known.
    bool can_pass_over() const { return spacing_ != 0; }
    void pass_over(std::size_t size);

  private:
    char* read_answer(char* in, const char* end);
    char* read_msbd_answer(char* in, const char* end);
    void stamp(const Stamp& stamp, std::int64_t now, bool counts, Totals& totals);

    static constexpr std::uint8_t kAnswered = 4;  // CR LF CR LF seen so far

    std::uint64_t number_ = 0;    // of the newest packet
    std::uint64_t distance_ = 0;  // bytes since the start of its mark, without the tail
    std::uint32_t run_ = 0;
    std::uint16_t spacing_ = 0;  // bytes from mark to mark; 0: not known yet
    std::uint16_t status_ = 0;
    std::uint8_t answer_ = 0, answer_at_ = 0, kept_ = 0;
    bool has_mark_ = false, has_skipped_ = false, is_msbd_ = false;
    char tail_[kStampSize];  // the last bytes of a read, where a stamp may have begun
};

}  // namespace bench
