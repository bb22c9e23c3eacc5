// The options of the bench's programs, and what they all need: a clock, a way to give up, descriptors.
#pragma once

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

namespace bench {

[[noreturn]] inline void give_up(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

// Nanoseconds of CLOCK_MONOTONIC: one clock for all processes of a machine.
inline std::int64_t now_ns() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

// As many descriptors as this process may have; root may have more than the hard limit.
inline void raise_descriptors(rlim_t wanted) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= wanted) return;
    const rlimit more{.rlim_cur = wanted, .rlim_max = std::max(wanted, limit.rlim_max)};
    if (setrlimit(RLIMIT_NOFILE, &more) == 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

// `--name value` pairs; a flag is `--name 1`.
class Options {
  public:
    Options(int argc, char** argv) {
        for (int i = 1; i < argc; i += 2) {
            const std::string name = argv[i];
            if (name.substr(0, 2) != "--" || i + 1 == argc) give_up("expected --NAME VALUE, got " + name);
            values_[name.substr(2)] = argv[i + 1];
        }
    }

    std::string text(const std::string& name, const std::string& otherwise = "") {
        const auto found = values_.extract(name);
        return found ? found.mapped() : otherwise;
    }
    double number(const std::string& name, double otherwise) {
        const auto found = values_.extract(name);
        return found ? std::strtod(found.mapped().c_str(), nullptr) : otherwise;
    }
    std::uint32_t count(const std::string& name, std::uint32_t otherwise) {
        return static_cast<std::uint32_t>(number(name, otherwise));
    }
    // Call it last: what is left was not understood.
    void finish() const {
        if (!values_.empty()) give_up("unknown option --" + values_.begin()->first);
    }

  private:
    std::map<std::string, std::string> values_;
};

}  // namespace bench
