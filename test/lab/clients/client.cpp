#include "test/lab/clients/client.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstring>

#include "core/asf/chunk.hpp"

namespace weir::lab {

namespace {

constexpr const char* kGuid = "Pragma: xClientGUID={c77e7400-738a-11d2-9add-0020af0a3278}\r\n";

// "ffff:1:0 ffff:2:0 ": every stream of a description, whole, as ffmpeg and VLC ask.
std::string selection_of(const asf::Header& header) {
    std::string all;
    for (const asf::Stream& stream : header.streams) {
        char one[24];
        std::snprintf(one, sizeof one, "ffff:%x:0 ", stream.number);
        all += one;
    }
    return all;
}

}  // namespace

Client::~Client() {
    drop();
}

void Client::dial(Micros at) {
    dialled_at_ = last_media_ = last_bytes_ = at;
    is_describing_ = protocol_ == Protocol::mmsh;
    seen_.was_there = true;
    connect(at);
}

void Client::connect(Micros) {
    decoder_ = test::ReplyDecoder{protocol_ == Protocol::mmsh ? test::Form::wmsp : test::Form::chunked};
    socket_ = ::socket(around_.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return lose("refused", std::strerror(errno));
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&around_.address), around_.address_size) < 0 &&
        errno != EINPROGRESS)
        return lose("refused", std::strerror(errno));
    epoll_event event{.events = EPOLLOUT, .data = {.ptr = this}};
    ::epoll_ctl(around_.epoll, EPOLL_CTL_ADD, socket_, &event);
}

std::string Client::request() const {
    const std::string target = "GET /" + channel_ + " HTTP/1.";
    const std::string host = "Host: " + around_.host + "\r\n";
    if (protocol_ == Protocol::http)  // as ffmpeg 5
        return target +
               "1\r\nUser-Agent: Lavf/59.27.100\r\nAccept: */*\r\nRange: bytes=0-\r\nConnection: close\r\n" +
               host + "Icy-MetaData: 1\r\n\r\n";
    const std::string head = target + "0\r\nAccept: */*\r\nUser-Agent: NSPlayer/4.1.0.3856\r\n" + host;
    if (is_describing_)
        return head +
               "Pragma: "
               "no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,request-context=1,max-duration=0\r\n" +
               kGuid + "Connection: Close\r\n\r\n";
    const auto streams = std::count(selection_.begin(), selection_.end(), ' ');
    return head +
           "Pragma: "
           "no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,request-context=2,max-duration=0\r\n"
           "Pragma: xPlayStrm=1\r\n" +
           kGuid + "Pragma: stream-switch-count=" + std::to_string(streams) +
           "\r\nPragma: stream-switch-entry=" + selection_ + "\r\nConnection: Close\r\n\r\n";
}

void Client::ask() {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return lose("refused", std::strerror(error));
    const std::string text = request();
    if (::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
        return lose("reset", "the request was not taken");
    epoll_event event{.events = EPOLLIN, .data = {.ptr = this}};
    ::epoll_ctl(around_.epoll, EPOLL_CTL_MOD, socket_, &event);
}

void Client::on_events(std::uint32_t events) {
    if (socket_ < 0) return;
    if (events & EPOLLOUT) return ask();
    read();
}

void Client::read() {
    static std::uint8_t buffer[256 * 1024];
    const ssize_t n = ::recv(socket_, buffer, sizeof buffer, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return on_end(n < 0);
    const Micros at = now();
    const Bytes in{buffer, static_cast<std::size_t>(n)};
    seen_.bytes += in.size();
    seen_.byte_gap = std::max(seen_.byte_gap, at - std::max(last_bytes_, window_at_));
    last_bytes_ = at;
    if (is_describing_) return read_description(in);
    const auto wrong = decoder_.feed(in, [this, at](const test::Item& item) { take(item, at); });
    if (decoder_.has_head() && decoder_.status() != 200)
        return lose("status", decoder_.head().substr(0, decoder_.head().find('\r')));
    if (!wrong.empty()) return lose("bad", wrong);
    if (decoder_.has_ended())
        return lose("ended", "by the protocol, reason " + std::to_string(decoder_.end_reason()));
}

void Client::read_description(Bytes in) {
    description_ += as_text(in);
    if (description_.size() > 2 * asf::kMaxHeaderBlob) lose("bad", "a description without end");
}

// The end of a description is where playing begins.
void Client::on_end(bool is_reset) {
    if (!is_describing_ || is_reset)
        return lose(is_reset ? "reset" : "eof", is_reset ? std::strerror(errno) : "");
    const auto body = description_.find("\r\n\r\n");
    const auto line = description_.substr(0, description_.find('\r'));
    if (body == std::string::npos) return lose("eof", "within the description");
    if (line.find(" 200 ") == std::string::npos) return lose("status", line);
    const auto parsed = asf::parse_chunk(as_bytes(std::string_view{description_}.substr(body + 4)));
    const auto* chunk = std::get_if<Got<asf::Chunk>>(&parsed);
    if (!chunk || chunk->value.type != asf::ChunkType::header) return lose("bad", "no $H in the description");
    const auto header = asf::parse_header(chunk->value.payload, asf::kMaxHeaderBlob);
    if (!header) return lose("bad", header.error().detail);
    selection_ = selection_of(header.value());
    is_describing_ = false;
    description_ = {};
    drop();
    connect(now());
}

void Client::take(const test::Item& item, Micros at) {
    if (item.is_header) {
        auto parsed = asf::parse_header(item.bytes, asf::kMaxHeaderBlob);
        if (parsed) header_ = std::move(parsed.value());
        return;
    }
    if (!header_) return;
    const auto print = fingerprint_of(item.bytes, *header_);
    if (!print) {
        ++seen_.bad;
        return;
    }
    if (trace_)
        std::fprintf(trace_, "%.3f %016" PRIx64 " %" PRIu32 " %d %c\n", to_ms(at), print->hash,
                     print->send_time, print->is_sync ? 1 : 0, print->is_media ? 'm' : 'f');
    if (print->is_media)
        take_media(*print, at);
    else
        ++seen_.fillers;
}

void Client::take_media(const Fingerprint& print, Micros at) {
    if (around_.gaps && has_media_ && at - last_media_ >= around_.gap)
        std::fprintf(around_.gaps, "%s %zu %.3f %.3f\n", channel_.c_str(), number_, to_ms(last_media_),
                     to_ms(at));
    if (!has_media_) seen_.start = at - dialled_at_;
    seen_.media_gap = std::max(seen_.media_gap, at - std::max(last_media_, window_at_));
    if (has_media_ && static_cast<std::int32_t>(print.send_time - last_send_time_) < 0) ++seen_.back;
    if (remember(print.hash)) ++seen_.doubled;
    ++seen_.packets;
    has_media_ = true;
    last_media_ = at;
    last_send_time_ = print.send_time;
}

// Whether it was among the last ones.
bool Client::remember(std::uint64_t hash) noexcept {
    const bool is_there = std::find(remembered_.begin(), remembered_.end(), hash) != remembered_.end();
    remembered_[next_remembered_++ % kRemembered] = hash;
    return is_there;
}

void Client::lose(const char* why, std::string detail) {
    if (!lost_.empty()) return;
    lost_ = why;
    detail_ = std::move(detail);
    lost_at_ = now();
    drop();
}

void Client::drop() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
}

Seen Client::seen(Micros at) const noexcept {
    Seen all = seen_;
    if (!is_dialled()) return all;
    if (!lost_.empty()) at = std::max(lost_at_, window_at_);
    all.media_gap = std::max(all.media_gap, at - std::max(last_media_, window_at_));
    all.byte_gap = std::max(all.byte_gap, at - std::max(last_bytes_, window_at_));
    return all;
}

void Client::next_window(Micros at) noexcept {
    seen_ = {};
    seen_.was_there = is_dialled() && lost_.empty();
    window_at_ = at;
}

}  // namespace weir::lab
