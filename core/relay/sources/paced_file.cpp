#include "core/relay/sources/paced_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/text.hpp"
#include "core/io/loop.hpp"

namespace weir {

namespace {

bool is_same_header(const StreamFormat& a, const StreamFormat& b) {
    return a.max_packet() == b.max_packet() &&
           std::equal(a.header().begin(), a.header().end(), b.header().begin(), b.header().end());
}

}  // namespace

PacedFile::PacedFile(Loop& loop, std::span<const Container* const> containers, std::string path,
                     Repeat repeat, Listener& listener, const ReaderLimits& limits)
    : loop_(loop),
      detector_(containers),
      path_(std::move(path)),
      repeat_(repeat),
      listener_(listener),
      limits_(limits),
      timer_(loop.timers(), Callback<void()>::of<&PacedFile::on_timer>(this)) {
    timer_.start(Duration{0});
}

// A piece of the file. All that concerns the listener's stream waits for the timer.
void PacedFile::on_piece(Result<Bytes> piece) {
    is_reading_ = false;
    if (outcome_) return;
    if (!piece) {
        outcome_ = piece.error();
    } else if (auto taken = take(piece.value()); !taken) {
        fail(taken.error());
    }
    if (outcome_ || !packets_.empty()) {
        if (!timer_.is_running()) timer_.start(Duration{0});
    }
    read_on();
}

Result<> PacedFile::take(Bytes piece) {
    if (repeat_ == Repeat::loop && !file_->can_rewind())
        return Error{Errc::unsupported,
                     "it cannot be read a second time, expected a file to play over and over"};
    if (piece.empty()) return end_pass();
    if (auto fed = feed(piece); !fed) return fed;
    return reader_ && reader_->finished() ? end_pass() : Ok{};
}

Result<> PacedFile::feed(Bytes piece) {
    if (reader_) return reader_->feed(piece, *this);
    auto detected = detector_.feed(piece);
    if (!detected) return detected.error();
    container_ = detected.value();
    if (!container_) return Ok{};
    reader_ = container_->open_reader(limits_);
    return reader_->feed(detector_.take_held(), *this);
}

Result<> PacedFile::end_pass() {
    if (!reader_)
        return Error{Errc::bad_input, fmt::format("it ended after {} bytes, expected a stream's header",
                                                  detector_.held().size())};
    if (auto ended = reader_->end(); !ended) return ended;
    // Of a recording without packets a loop would never come to rest.
    if (pass_packets_ == 0) return Error{Errc::bad_input, "no packets: it ended behind the stream's header"};
    if (repeat_ == Repeat::once) {
        outcome_ = Ok{};
        return Ok{};
    }
    pass_packets_ = 0;
    reader_ = container_->open_reader(limits_);
    file_->rewind();
    return Ok{};
}

// Every pass brings its header again, so each begins a run, as does a further header inside one.
Result<> PacedFile::on_format(StreamFormatPtr format) {
    read_format_ = std::move(format);
    begins_run_ = true;
    return Ok{};
}

Result<> PacedFile::on_packet(Bytes packet, const PacketInfo& info) {
    if (!info.media) return Ok{};
    ++pass_packets_;
    packet_bytes_ += packet.size();
    packets_.push_back({.format = read_format_,
                        .bytes = {packet.begin(), packet.end()},
                        .info = info,
                        .begins_run = std::exchange(begins_run_, false)});
    return Ok{};
}

Result<> PacedFile::on_bad_packet(const Error& why) {
    listener_.on_bad_packet(why);
    return Ok{};
}

// FileReader's errors name the path already.
void PacedFile::fail(const Error& why) {
    const std::string_view name = path_ == "-" ? std::string_view{"standard input"} : std::string_view{path_};
    outcome_ = Error{why.code, fmt::format("{}: {}", name, why.detail)};
}

void PacedFile::read_on() {
    if (is_reading_ || outcome_ || !file_ || packet_bytes_ >= kReadAhead) return;
    is_reading_ = true;
    file_->read();
}

void PacedFile::on_timer() {
    if (is_over_) return;
    if (!file_ && !outcome_) {
        file_ = FileReader::open(loop_, path_, FileReader::OnPiece::of<&PacedFile::on_piece>(this));
        return read_on();
    }
    if (hand_on_due()) listener_.on_flush();
    if (packets_.empty() && outcome_) {
        is_over_ = true;
        file_.reset();
        listener_.on_end(*outcome_);
        return;
    }
    if (due_) timer_.start_at(due_->at);
    read_on();
}

// Whether there was anything. The next packet's due time is asked for when it has become the first: by then
// the clock tells whether this process was stopped.
bool PacedFile::hand_on_due() {
    const TimePoint now = loop_.timers().now();
    bool any = false;
    while (!packets_.empty()) {
        Packet& packet = packets_.front();
        if (!due_) {
            if (packet.begins_run) pacing_.restart();
            units_.clear();
            packet.format->units(packet.bytes, units_);
            due_ = pacing_.next(packet.info, units_, now);
        }
        if (due_->at > now) break;
        const Move& move = *due_->move;
        due_.reset();
        any = true;
        if (auto done = hand_on(packet, move); !done) {
            fail(done.error());
            packets_.clear();
            packet_bytes_ = 0;
            break;
        }
        packet_bytes_ -= packet.bytes.size();
        packets_.pop_front();
    }
    return any;
}

Result<> PacedFile::hand_on(Packet& packet, const Move& move) {
    // The listener hears of a header where it is another one, not each time the file begins again.
    if (!format_ || !is_same_header(*format_, *packet.format)) {
        format_ = packet.format;
        listener_.on_format(format_);
    }
    if (!move.is_none()) {
        if (auto moved = packet.format->retime(packet.bytes, move); !moved) return moved;
        packet.info.send_time += move.send;
        packet.info.presentation_first += move.presentation;
        packet.info.presentation_last += move.presentation;
    }
    return listener_.on_packet(packet.bytes, packet.info);
}

}  // namespace weir
