#include "test/lab/clients/crowd.hpp"

#include <netdb.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

namespace weir::lab {

namespace {

constexpr std::size_t kLossesTold = 50;

double rounded(double ms) {
    return std::round(ms * 10) / 10;
}

nlohmann::json spread(std::vector<Micros> times) {
    if (times.empty()) return {{"median", nullptr}, {"worst", nullptr}};
    std::sort(times.begin(), times.end());
    return {{"median", rounded(to_ms(times[times.size() / 2]))}, {"worst", rounded(to_ms(times.back()))}};
}

std::string find_address(const std::string& host, std::uint16_t port, Surroundings& around) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int bad = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (bad != 0) return host + ": " + ::gai_strerror(bad);
    std::memcpy(&around.address, found->ai_addr, found->ai_addrlen);
    around.address_size = found->ai_addrlen;
    ::freeaddrinfo(found);
    return {};
}

}  // namespace

Crowd::Crowd(CrowdOptions options) : options_(std::move(options)) {}

Crowd::~Crowd() {
    clients_.clear();
    for (std::FILE* file : traces_) std::fclose(file);
    if (around_.gaps) std::fclose(around_.gaps);
    if (around_.epoll >= 0) ::close(around_.epoll);
}

std::string Crowd::open() {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < options_.clients + 100)
        return std::to_string(files.rlim_cur) + " open files are too few for so many clients (ulimit -Hn)";
    if (auto wrong = find_address(options_.host, options_.port, around_); !wrong.empty()) return wrong;
    around_.host = options_.host + ":" + std::to_string(options_.port);
    around_.gap = Micros{options_.gap_ms} * 1000;
    around_.epoll = ::epoll_create1(EPOLL_CLOEXEC);
    if (!options_.gaps.empty() && !(around_.gaps = std::fopen(options_.gaps.c_str(), "w")))
        return options_.gaps + ": " + std::strerror(errno);
    const std::size_t channels = options_.channels.size();
    for (std::size_t i = 0; i < options_.clients; ++i) {
        // Both protocols for each channel, however many channels there are.
        const bool is_second = (i / channels + i % channels) % 2 == 1;
        const bool is_mmsh = options_.protocol == "mmsh" || (options_.protocol == "mixed" && is_second);
        clients_.push_back(std::make_unique<Client>(around_, i, options_.channels[i % channels],
                                                    is_mmsh ? Protocol::mmsh : Protocol::http));
        if (i >= channels || options_.trace.empty()) continue;
        const std::string path = options_.trace + "/" + options_.channels[i] + ".trace";
        std::FILE* file = std::fopen(path.c_str(), "w");
        if (!file) return path + ": " + std::strerror(errno);
        traces_.push_back(file);
        clients_.back()->trace_to(file);
    }
    began_ = flushed_ = window_at_ = now();
    for (auto& client : clients_) client->next_window(began_);
    return {};
}

void Crowd::dial_some(Micros at) {
    const auto due = static_cast<std::size_t>(at - began_) * options_.rate / 1'000'000 + 1;
    while (dialled_ < std::min(due, clients_.size())) clients_[dialled_++]->dial(at);
}

bool Crowd::turn(Micros most, int other) {
    dial_some(now());
    if (dialled_ < clients_.size()) most = std::min<Micros>(most, 5'000);
    epoll_event events[256];
    const int n = ::epoll_wait(around_.epoll, events, 256, static_cast<int>((most + 999) / 1000));
    bool is_ready = false;
    for (int i = 0; i < n; ++i) {
        if (events[i].data.ptr == nullptr)
            is_ready = other >= 0;
        else
            static_cast<Client*>(events[i].data.ptr)->on_events(events[i].events);
    }
    if (const Micros at = now(); at - flushed_ > 100'000) {
        flush();
        flushed_ = at;
    }
    return is_ready;
}

void Crowd::flush() {
    for (std::FILE* file : traces_) std::fflush(file);
    if (around_.gaps) std::fflush(around_.gaps);
}

void Crowd::mark(std::string_view name) {
    const Micros at = now();
    done_.push_back(window(at));
    for (auto& client : clients_) client->next_window(at);
    name_ = name;
    window_at_ = at;
}

void Crowd::note_open_gaps() {
    const Micros at = now();
    for (const auto& client : clients_) {
        if (around_.gaps && client->lost().empty() && client->is_dialled() &&
            at - client->last_media() >= around_.gap)
            std::fprintf(around_.gaps, "%s %zu %.3f -\n", client->channel().c_str(), client->number(),
                         to_ms(client->last_media()));
    }
}

nlohmann::json Crowd::report() {
    flush();
    nlohmann::json windows = done_;
    windows.push_back(window(now()));
    nlohmann::json losses = nlohmann::json::array();
    for (const auto& client : clients_) {
        if (client->lost().empty() || losses.size() >= kLossesTold) continue;
        losses.push_back({{"client", client->number()},
                          {"channel", client->channel()},
                          {"protocol", client->protocol() == Protocol::mmsh ? "mmsh" : "http"},
                          {"ms", rounded(to_ms(client->lost_at()))},
                          {"reason", client->lost()},
                          {"detail", client->detail()}});
    }
    return {{"windows", windows}, {"losses", losses}};
}

nlohmann::json Crowd::window(Micros at) const {
    nlohmann::json all = figures(at, {});
    all["name"] = name_;
    all["from_ms"] = rounded(to_ms(window_at_));
    all["to_ms"] = rounded(to_ms(at));
    if (options_.channels.size() > 1) {
        for (const auto& channel : options_.channels) all["channels"][channel] = figures(at, channel);
    }
    return all;
}

// Of one channel's clients; an empty name: of all.
nlohmann::json Crowd::figures(Micros at, const std::string& channel) const {
    std::size_t count = 0, dialled = 0, connected = 0, lost = 0;
    nlohmann::json reasons = nlohmann::json::object();
    std::vector<Micros> media_gaps, byte_gaps, starts;
    Seen sum;
    for (const auto& client : clients_) {
        if (!channel.empty() && client->channel() != channel) continue;
        ++count;
        dialled += client->is_dialled();
        connected += client->is_playing();
        if (!client->lost().empty() && client->lost_at() >= window_at_) {
            ++lost;
            reasons[client->lost()] = reasons.value(client->lost(), 0) + 1;
        }
        const Seen seen = client->seen(at);
        if (!seen.was_there) continue;
        media_gaps.push_back(seen.media_gap);
        byte_gaps.push_back(seen.byte_gap);
        if (seen.start) starts.push_back(*seen.start);
        sum.packets += seen.packets;
        sum.fillers += seen.fillers;
        sum.bytes += seen.bytes;
        sum.back += seen.back;
        sum.doubled += seen.doubled;
        sum.bad += seen.bad;
    }
    return {{"clients", count},
            {"dialled", dialled},
            {"connected", connected},
            {"lost", lost},
            {"reasons", reasons},
            {"media_gap_ms", spread(media_gaps)},
            {"byte_gap_ms", spread(byte_gaps)},
            {"start_ms", spread(starts)},
            {"packets", sum.packets},
            {"fillers", sum.fillers},
            {"bytes", sum.bytes},
            {"back", sum.back},
            {"doubled", sum.doubled},
            {"bad", sum.bad}};
}

}  // namespace weir::lab
