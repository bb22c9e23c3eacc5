#include "floor.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "stamp.hpp"

namespace bench {

namespace {
constexpr std::size_t kFlags = 11;  // of a packet: where its key frame bit is
constexpr std::size_t kDataHead = 50, kMostSlots = 20;
}  // namespace

void Ring::take_chunked(std::string_view bytes) {
    while (!bytes.empty()) {
        if (left_ == 0) {
            const std::size_t line = bytes.find('\n');
            chunk_ += bytes.substr(0, line);
            if (line == std::string_view::npos) return;
            bytes.remove_prefix(line + 1);
            left_ = std::strtoul(chunk_.c_str(), nullptr, 16) + 2;
            chunk_.clear();
        }
        const std::size_t part = std::min(left_, bytes.size());
        // The line end that closes the chunk may be cut, too.
        const std::size_t media = left_ > 2 ? std::min(part, left_ - 2) : 0;
        take(bytes.substr(0, media));
        left_ -= part;
        bytes.remove_prefix(part);
    }
}

void Ring::take(std::string_view bytes) {
    partial_ += bytes;
    if (!has_header_) {
        std::uint64_t size = 0;
        if (partial_.size() < 24) return;
        std::memcpy(&size, partial_.data() + 16, 8);
        size += kDataHead;
        if (partial_.size() < size) return;
        header_ = partial_.substr(0, size);
        partial_.erase(0, size);
        has_header_ = true;
    }
    std::size_t used = 0;
    for (; partial_.size() - used >= kPacketSize; used += kPacketSize) {
        const char* packet = partial_.data() + used;
        if (packet[kFlags] & 0x80) key_at_ = end_;
        const std::size_t at = end_ % kSize, first = std::min(kPacketSize, kSize - at);
        std::memcpy(bytes_.data() + at, packet, first);
        std::memcpy(bytes_.data(), packet + first, kPacketSize - first);
        end_ += kPacketSize;
    }
    partial_.erase(0, used);
}

std::string_view Ring::behind(std::uint64_t& at) const {
    if (end_ - at > kSize) {
        // The rest of the packet that it was in is gone; a real relay would keep it.
        at = key_at_;
    }
    const std::size_t place = at % kSize;
    return {bytes_.data() + place,
            static_cast<std::size_t>(std::min<std::uint64_t>(end_ - at, kSize - place))};
}

Request parse_request(const std::string& bytes) {
    Request request;
    const auto end = bytes.find("\r\n\r\n");
    const auto path = bytes.find(" /s");
    if (end == std::string::npos || path > end) return request;
    request.is_whole = true;
    request.is_push = bytes[0] == 'P';
    request.stream = std::strtoul(bytes.c_str() + path + 3, nullptr, 10);
    request.rest = bytes.substr(end + 4);
    return request;
}

std::string play_head() {
    return "HTTP/1.0 200 OK\r\nContent-Type: video/x-ms-asf\r\n\r\n";
}

Slots::Slots(double interval_ms, std::int64_t now)
    : slots_(std::clamp<std::size_t>(static_cast<std::size_t>(interval_ms), 1, kMostSlots)),
      step_(static_cast<std::int64_t>(interval_ms * 1e6 / static_cast<double>(slots_.size()))),
      due_(now + step_) {}

void Slots::add(std::uint32_t client) {
    slots_[newest_].push_back(client);
    newest_ = (newest_ + 1) % slots_.size();
}

void Slots::visit(std::int64_t now, const std::function<bool(std::uint32_t)>& visit) {
    for (; due_ <= now; due_ += step_) {
        std::erase_if(slots_[next_], [&](std::uint32_t client) { return !visit(client); });
        next_ = (next_ + 1) % slots_.size();
        // Behind by more than a round: no slot is visited twice for that.
        if (now - due_ > step_ * static_cast<std::int64_t>(slots_.size())) due_ = now;
    }
}

}  // namespace bench
