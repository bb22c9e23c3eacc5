// What the two floors share: the least that a correct relay must do. A floor takes pushes to /s<n> and serves
// them to whoever GETs /s<n>, from one ring for each stream; a client is a position in it. No limits, no
// pulls, no checks: it is here to show what the kernel costs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

// One stream: its header and the newest whole packets.
class Ring {
  public:
    static constexpr std::size_t kSize = 4 << 20;

    // The body of a push begins, as it came or in chunks.
    void begin() { partial_.clear(), chunk_.clear(), left_ = 0, has_header_ = false; }
    void take_chunked(std::string_view bytes);

    const std::string& header() const { return header_; }
    std::uint64_t end() const { return end_; }
    // Where a newcomer begins: the newest key frame.
    std::uint64_t start() const { return key_at_; }
    // What follows `at`, up to the ring's edge; moves `at` on to the newest key frame if it has been
    // overwritten.
    std::string_view behind(std::uint64_t& at) const;

  private:
    void take(std::string_view bytes);

    std::vector<char> bytes_ = std::vector<char>(kSize);
    std::uint64_t end_ = 0, key_at_ = 0;
    std::string header_, partial_;
    bool has_header_ = false;
    std::string chunk_;     // the line that tells a chunk's length
    std::size_t left_ = 0;  // of the chunk, with the line end behind it
};

// What a request asks for. `is_whole` once its empty line is there; what follows it stays in `rest`.
struct Request {
    bool is_whole = false, is_push = false;
    std::size_t stream = 0;
    std::string rest;
};
Request parse_request(const std::string& bytes);

std::string play_head();

// Clients spread over the slots of an interval, visited one slot after another.
class Slots {
  public:
    Slots(double interval_ms, std::int64_t now);
    void add(std::uint32_t client);
    std::int64_t due() const { return due_; }
    // Visits the slots that are due; a client for which `visit` returns false is dropped.
    void visit(std::int64_t now, const std::function<bool(std::uint32_t)>& visit);

  private:
    std::vector<std::vector<std::uint32_t>> slots_;
    std::int64_t step_, due_;
    std::size_t next_ = 0, newest_ = 0;
};

}  // namespace bench
