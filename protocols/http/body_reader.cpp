#include "protocols/http/body_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weir::http {

namespace {

constexpr std::size_t kMaxSizeDigits = 16;  // leading zeros included

int hex_value(std::uint8_t c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

BodyReader::BodyReader(Framing framing, std::uint64_t length, std::uint64_t chunk_limit) noexcept
    : framing_(framing), left_(length), chunk_limit_(chunk_limit) {
    switch (framing) {
        case Framing::none:
            state_ = State::end;
            break;
        case Framing::length:
            state_ = length > 0 ? State::data : State::end;
            break;
        case Framing::chunked:
            state_ = State::size;
            left_ = 0;
            break;
        case Framing::until_close:
            state_ = State::data;
            break;
    }
}

BodyReader::Event BodyReader::fail(int status, std::string detail) {
    state_ = State::error;
    status_ = status;
    detail_ = std::move(detail);
    return Event::error;
}

BodyReader::Event BodyReader::next(Bytes& in) {
    piece_ = {};
    while (true) {
        if (state_ == State::end) return Event::end;
        if (state_ == State::error) return Event::error;
        if (in.empty()) return Event::need_more;
        if (state_ == State::data) return take(in);
        const std::uint8_t byte = in[0];
        in = in.subspan(1);
        if (on_chunk_byte(byte) == Event::error) return Event::error;
    }
}

BodyReader::Event BodyReader::take(Bytes& in) {
    if (framing_ == Framing::until_close) {
        piece_ = std::exchange(in, Bytes{});
        return Event::piece;
    }
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(in.size(), left_));
    piece_ = in.first(n);
    in = in.subspan(n);
    left_ -= n;
    if (left_ == 0) state_ = framing_ == Framing::chunked ? State::data_cr : State::end;
    return Event::piece;
}

// Everything of the chunked coding that is not data. need_more: go on.
BodyReader::Event BodyReader::on_chunk_byte(std::uint8_t byte) {
    switch (state_) {
        case State::size:
        case State::extension:
            if (byte == '\r') {
                if (digits_ == 0) return fail(400, "a chunk without a size");
                state_ = State::size_lf;
                return Event::need_more;
            }
            if (++line_ > kMaxChunkLine)
                return fail(400, fmt::format("a chunk's size line of more than {} bytes", kMaxChunkLine));
            if (byte < 0x20 && byte != '\t')
                return fail(400, fmt::format("byte 0x{:02x} in a chunk's size line", byte));
            if (state_ == State::extension) {
                extension_ += static_cast<char>(byte);
                return Event::need_more;
            }
            if (const int digit = hex_value(byte); digit >= 0) {
                if (++digits_ > kMaxSizeDigits)
                    return fail(400, fmt::format("a chunk size of more than {} digits", kMaxSizeDigits));
                left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
                if (left_ > chunk_limit_)
                    return fail(413, fmt::format("a chunk of more than {} bytes", chunk_limit_));
                return Event::need_more;
            }
            // Blanks after the size: some servers pad it.
            if (digits_ == 0 || (byte != ';' && byte != ' ' && byte != '\t'))
                return fail(400,
                            fmt::format("byte 0x{:02x} in a chunk size; hexadecimal digits expected", byte));
            state_ = State::extension;
            extension_ = static_cast<char>(byte);
            return Event::need_more;
        case State::size_lf:
            if (byte != '\n') return fail(400, "a bare CR in a chunk's size line");
            line_ = digits_ = 0;
            state_ = left_ > 0 ? State::data : State::trailer;
            return Event::need_more;
        case State::data_cr:
        case State::data_lf:
            if (byte != (state_ == State::data_cr ? '\r' : '\n'))
                return fail(400, fmt::format("byte 0x{:02x} after a chunk; CR LF expected", byte));
            state_ = state_ == State::data_cr ? State::data_lf : State::size;
            return Event::need_more;
        case State::trailer:
        case State::trailer_line:
            if (++trailers_ > kMaxTrailers)
                return fail(431, fmt::format("trailers of more than {} bytes", kMaxTrailers));
            if (byte == '\r') {
                trailer_is_blank_ = state_ == State::trailer;
                state_ = State::trailer_lf;
                return Event::need_more;
            }
            if (byte == '\n' || byte == 0)
                return fail(400, fmt::format("byte 0x{:02x} in the trailers", byte));
            state_ = State::trailer_line;
            return Event::need_more;
        case State::trailer_lf:
            if (byte != '\n') return fail(400, "a bare CR in the trailers");
            state_ = trailer_is_blank_ ? State::end : State::trailer;
            return Event::need_more;
        case State::data:
        case State::end:
        case State::error:
            break;
    }
    return Event::need_more;
}

}  // namespace weir::http
