// The weir program as a child process, so that its resident memory can be read and its exit status seen.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

namespace weir::test {

class ChildRelay {
  public:
    // `program`: the path of weir; `config`: the text of its weir.toml, with one [[listen]] on port 0.
    ChildRelay(const char* program, const std::string& config) {
        const std::string folder = std::getenv("TMPDIR") ? std::getenv("TMPDIR") : "/tmp";
        config_ = folder + "/weir-scale-" + std::to_string(::getpid()) + ".toml";
        log_ = config_ + ".log";
        std::ofstream{config_} << config;
        int out[2];
        if (::pipe2(out, O_CLOEXEC) != 0) std::abort();
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a failed assertion jumps past destructors
            ::dup2(out[1], STDOUT_FILENO);
            ::dup2(::open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
            ::execl(program, program, "run", "-c", config_.c_str(), static_cast<char*>(nullptr));
            ::_exit(127);
        }
        ::close(out[1]);
        read_port(out[0]);
        ::close(out[0]);
    }
    ChildRelay(const ChildRelay&) = delete;
    ChildRelay& operator=(const ChildRelay&) = delete;
    ~ChildRelay() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        std::remove(config_.c_str());
        std::remove(log_.c_str());
    }

    std::uint16_t port() const noexcept { return port_; }  // 0: it did not start

    // VmRSS in KiB; 0 where it cannot be read.
    std::size_t resident_kib() const {
        std::ifstream status{"/proc/" + std::to_string(pid_) + "/status"};
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with("VmRSS:"))
                return static_cast<std::size_t>(std::strtoul(line.c_str() + 6, nullptr, 10));
        }
        return 0;
    }

    void terminate() const { ::kill(pid_, SIGTERM); }
    bool has_exited() {
        if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = -1;
        return pid_ < 0;
    }
    bool has_exited_well() { return has_exited() && WIFEXITED(status_) && WEXITSTATUS(status_) == 0; }
    // The end of what it logged, for a failure's message.
    std::string log_tail() const {
        std::ifstream in{log_};
        std::string text{std::istreambuf_iterator<char>(in), {}};
        constexpr std::size_t kTail = 4000;
        return text.size() > kTail ? text.substr(text.size() - kTail) : text;
    }

  private:
    // It prints its URLs when it is ready; the first is "http://127.0.0.1:PORT/".
    void read_port(int out) {
        std::string text;
        for (char c = 0; ::read(out, &c, 1) == 1;) {
            text += c;
            const auto at = text.find("127.0.0.1:");
            if (at == std::string::npos || c != '/' || text.find('/', at) == std::string::npos) continue;
            port_ = static_cast<std::uint16_t>(std::strtoul(text.c_str() + at + 10, nullptr, 10));
            return;
        }
    }

    std::string config_;
    std::string log_;
    pid_t pid_ = -1;
    int status_ = 0;
    std::uint16_t port_ = 0;
};

}  // namespace weir::test
