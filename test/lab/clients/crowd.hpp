// All clients of the lab's load program, its measuring windows, and what is reported of them.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "test/lab/clients/client.hpp"

namespace weir::lab {

struct CrowdOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::size_t clients = 1;
    std::vector<std::string> channels;
    std::string protocol = "http";  // http, mmsh or mixed: each second one
    std::size_t rate = 1000;        // dialled per second, so that no listener's queue runs over
    std::string trace;              // folder for CHANNEL.trace of each channel's first client; empty: none
    std::string gaps;               // file for every gap of gap_ms and more; empty: none
    int gap_ms = 300;
};

class Crowd {
  public:
    explicit Crowd(CrowdOptions options);
    ~Crowd();
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

    // What is wrong with the options or the system; empty: nothing.
    std::string open();
    int epoll() const noexcept { return around_.epoll; }
    // Dials those that are due, waits up to `most` for what comes and takes it. True: `other`, which the
    // owner watches in epoll(), is ready.
    bool turn(Micros most, int other);

    void mark(std::string_view name);
    nlohmann::json report();
    // Each client's gap that is not over, and all that waits to be written.
    void note_open_gaps();
    void flush();

  private:
    nlohmann::json window(Micros at) const;
    nlohmann::json figures(Micros at, const std::string& channel) const;
    void dial_some(Micros at);

    CrowdOptions options_;
    Surroundings around_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<std::FILE*> traces_;
    Micros began_ = 0;
    Micros flushed_ = 0;
    std::size_t dialled_ = 0;

    std::string name_ = "start";
    Micros window_at_ = 0;
    nlohmann::json done_ = nlohmann::json::array();
};

}  // namespace weir::lab
