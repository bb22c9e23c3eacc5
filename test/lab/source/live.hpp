// The lab's encoder: a numbered stream at its own pace, of which every packet is known, and whoever gets it.
#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>

#include "test/e2e/numbered_stream.hpp"
#include "test/lab/clients/clock.hpp"
#include "test/lab/clients/fingerprint.hpp"

namespace weir::lab {

class Live {
  public:
    // `trace`, may be null: gets a line per packet when it is made: ms, fingerprint, number, 1 for a sync
    // point.
    Live(const test::NumberedStreamShape& shape, std::FILE* trace)
        : stream_(shape),
          served_(asf::parse_header(stream_.header(), asf::kMaxHeaderBlob).value()),
          trace_(trace) {}

    Bytes header() const noexcept { return stream_.header(); }
    // The packets since the newest sync point: what a newcomer gets at once.
    const std::deque<std::string>& held() const noexcept { return held_; }

    // When the next packet is due.
    Micros due() const noexcept { return due_; }
    // The next packet, valid until the next call. An encoder that stood still goes on from where it was:
    // nothing is made up for.
    const std::string& next(Micros at) {
        const Micros step = Micros{stream_.shape().packet_ms} * 1000;
        due_ = due_ == 0 || at - due_ > 1'000'000 ? at + step : due_ + step;
        if (stream_.is_sync(number_)) held_.clear();
        held_.emplace_back(as_text(stream_.packet(number_)));
        if (trace_) {
            const auto print = fingerprint_of(as_bytes(held_.back()), served_);
            std::fprintf(trace_, "%.3f %016lx %lu %d\n", to_ms(at), print->hash, number_,
                         stream_.is_sync(number_) ? 1 : 0);
            std::fflush(trace_);  // it must be there if the process is killed
        }
        ++number_;
        return held_.back();
    }

  private:
    test::NumberedStream stream_;
    asf::Header served_;
    std::FILE* trace_;
    std::deque<std::string> held_;
    std::uint64_t number_ = 0;
    Micros due_ = 0;
};

}  // namespace weir::lab
