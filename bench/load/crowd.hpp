// The clients of weir-bench-clients and the loop they live on. One thread.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string>
#include <vector>

#include "reader.hpp"

namespace bench {

struct Plan {
    std::string server;
    std::uint32_t clients = 0, streams = 1, ramp = 0, first = 0, sample = 1, slow_percent = 0, slow_rate = 0;
    double patience = 60;  // seconds
    // edges over WMSP and over MSBD: as other servers ask.
    enum class Kind : std::uint8_t { http, wmsp, wmsp_edge, msbd_edge } kind = Kind::http;
};

class Crowd {
  public:
    explicit Crowd(const Plan& plan);
    // Until so many have begun to connect and each of them plays, or patience is over.
    void connect(std::uint32_t clients);
    void run(double seconds);
    // Until there is something to read from `fd`, which is read.
    void run_until_input(int fd);
    // What is counted begins here.
    void begin();
    // Closes all; one line of JSON.
    std::string finish();

  private:
    enum class State : std::uint8_t { connecting, waiting, playing, closed };
    struct Client {
        int fd = -1;
        State state = State::connecting;
        bool is_slow = false;
        bool is_answered = false;
        bool is_resumed = false;  // plays another run than the one it began with
        std::uint32_t first_run = 0;
        std::int64_t asked_at = 0;
        Reader reader;
    };

    void start_one();
    void turn(std::int64_t until);
    void on_event(std::uint32_t index, std::uint32_t events);
    void ask(std::uint32_t index);
    void take(Client& client, std::uint32_t index);
    void lose(Client& client);
    void read_slow_ones();

    Plan plan_;
    sockaddr_in server_;
    int epoll_;
    std::vector<Client> clients_;
    std::vector<std::uint32_t> slow_ones_;
    std::vector<char> buffer_;
    std::int64_t began_at_ = 0, storm_began_ = 0, all_play_at_ = 0, slow_due_ = 0;
    double cpu_at_begin_ = 0;
    bool is_counting_ = false, is_reckoning_ = false;
    std::uint32_t playing_ = 0, refused_ = 0, closed_ = 0, slow_closed_ = 0, resumed_ = 0;
    std::uint64_t bytes_ = 0, slow_bytes_ = 0;
    Totals totals_, slow_totals_;
    Times first_byte_, first_packet_;
};

}  // namespace bench
