// What a client gets, taken apart as strictly as can be: the reply's head, then the stream header and packets
// out of whichever form they are served in. For clients that check every byte.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/asf/chunk.hpp"
#include "core/asf/header.hpp"
#include "core/base/bytes.hpp"

namespace weir::test {

enum class Form { wmsp, close_delimited, chunked };

inline std::string play_request(Form form, std::string_view channel) {
    const std::string target = "/" + std::string(channel);
    switch (form) {
        case Form::wmsp:
            return "GET " + target +
                   " HTTP/1.0\r\nAccept: */*\r\nUser-Agent: NSPlayer/4.1.0.3856\r\nHost: relay\r\nPragma: "
                   "no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,request-context=2,max-duration="
                   "0\r\n"
                   "Pragma: xPlayStrm=1\r\nPragma: "
                   "xClientGUID={3300AD50-2C39-46c0-AE0A-7B6D10000001}\r\n\r\n";
        case Form::close_delimited:
            return "GET " + target + " HTTP/1.0\r\nUser-Agent: test\r\n\r\n";
        case Form::chunked:
            break;
    }
    return "GET " + target + " HTTP/1.1\r\nHost: relay\r\nUser-Agent: test\r\n\r\n";
}

struct Item {
    bool is_header = false;
    Bytes bytes;
    std::uint32_t location_id = 0;  // of WMSP
    std::uint8_t af_flags = 0;
};

class ReplyDecoder {
  public:
    explicit ReplyDecoder(Form form) : form_(form) {}

    // Takes what came and calls take(Item) for each whole item; the views are valid during the call. Returns
    // what is wrong with the bytes, else nothing.
    template <class Take>
    std::string feed(Bytes in, Take&& take) {
        held_.insert(held_.end(), in.begin(), in.end());
        std::size_t used = 0;
        std::string wrong;
        while (wrong.empty()) {
            const std::size_t step = next(Bytes{held_}.subspan(used), take, wrong);
            if (step == 0) break;
            used += step;
        }
        held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(used));
        return wrong;
    }

    bool has_head() const noexcept { return !head_.empty(); }
    const std::string& head() const noexcept { return head_; }
    int status() const noexcept { return status_; }
    bool has_header() const noexcept { return has_header_; }
    // The form's own end came: $E, or the chunk of no length.
    bool has_ended() const noexcept { return has_ended_; }
    std::uint32_t end_reason() const noexcept { return end_reason_; }
    // Nothing of an item that is not whole.
    bool is_between_items() const noexcept { return held_.empty(); }

  private:
    // Returns the bytes used; 0: more are needed.
    template <class Take>
    std::size_t next(Bytes in, Take& take, std::string& wrong) {
        if (in.empty()) return 0;
        if (head_.empty()) return read_head(in, wrong);
        if (has_ended_) return wrong = "bytes behind the end", 0;
        switch (form_) {
            case Form::wmsp:
                return read_wmsp(in, take, wrong);
            case Form::chunked:
                return read_chunk(in, take, wrong);
            case Form::close_delimited:
                break;
        }
        return read_plain(in, take, wrong);
    }

    std::size_t read_head(Bytes in, std::string& wrong) {
        const auto end = as_text(in).find("\r\n\r\n");
        if (end == std::string_view::npos) return 0;
        head_ = as_text(in.first(end + 4));
        const auto space = head_.find(' ');
        if (!head_.starts_with("HTTP/1.") || space == std::string::npos)
            return wrong = "no reply: " + head_, 0;
        std::from_chars(head_.data() + space + 1, head_.data() + head_.size(), status_);
        if (status_ != 200) wrong = "refused: " + head_;
        return head_.size();
    }

    template <class Take>
    void give(Item item, Take& take) {
        item.is_header = !has_header_;
        has_header_ = true;
        take(item);
    }

    template <class Take>
    std::size_t read_wmsp(Bytes in, Take& take, std::string& wrong) {
        const auto parsed = asf::parse_chunk(in);
        if (const auto* error = std::get_if<Error>(&parsed)) return wrong = error->detail, 0;
        const auto* got = std::get_if<Got<asf::Chunk>>(&parsed);
        if (!got) return 0;
        const asf::Chunk& chunk = got->value;
        if (chunk.type == asf::ChunkType::end) {
            has_ended_ = true;
            end_reason_ = chunk.reason;
        } else if (chunk.type != (has_header_ ? asf::ChunkType::data : asf::ChunkType::header)) {
            wrong = std::string("unexpected $") + static_cast<char>(chunk.type);
        } else {
            give({.bytes = chunk.payload, .location_id = chunk.location_id, .af_flags = chunk.af_flags},
                 take);
        }
        return got->used;
    }

    template <class Take>
    std::size_t read_chunk(Bytes in, Take& take, std::string& wrong) {
        const auto line = as_text(in).find("\r\n");
        if (line == std::string_view::npos) return 0;
        std::size_t size = 0;
        const auto* digits = reinterpret_cast<const char*>(in.data());
        if (std::from_chars(digits, digits + line, size, 16).ptr != digits + line)
            return wrong = "no chunk size", 0;
        if (in.size() < line + 2 + size + 2) return 0;
        if (as_text(in.subspan(line + 2 + size, 2)) != "\r\n")
            return wrong = "a chunk does not end where it says", 0;
        if (size == 0) {
            has_ended_ = true;
        } else {
            give({.bytes = in.subspan(line + 2, size)}, take);
        }
        return line + 2 + size + 2;
    }

    template <class Take>
    std::size_t read_plain(Bytes in, Take& take, std::string& wrong) {
        if (!has_header_) {
            const auto found = asf::find_header_blob(in, asf::kMaxHeaderBlob);
            if (const auto* error = std::get_if<Error>(&found)) return wrong = error->detail, 0;
            const auto* got = std::get_if<Got<std::size_t>>(&found);
            if (!got) return 0;
            packet_size_ = asf::parse_header(in, asf::kMaxHeaderBlob).value().packet_size;
            give({.bytes = in.first(got->used)}, take);
            return got->used;
        }
        if (in.size() < packet_size_) return 0;
        give({.bytes = in.first(packet_size_)}, take);
        return packet_size_;
    }

    Form form_;
    std::vector<std::uint8_t> held_;
    std::string head_;
    int status_ = 0;
    std::size_t packet_size_ = 0;
    std::uint32_t end_reason_ = 0;
    bool has_header_ = false;
    bool has_ended_ = false;
};

}  // namespace weir::test
