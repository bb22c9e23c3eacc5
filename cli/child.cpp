#include "cli/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weir::cli {

namespace {

// What a signal handler may see.
volatile sig_atomic_t child_pid = 0;
volatile sig_atomic_t was_interrupted = 0;

void hand_on(int) {
    was_interrupted = 1;
    const int saved = errno;
    if (child_pid > 0) ::kill(static_cast<pid_t>(child_pid), SIGTERM);
    errno = saved;
}

// While it lives, the signals that would end this process end the child.
class HandedOn {
  public:
    HandedOn() {
        struct sigaction action {};
        action.sa_handler = hand_on;
        ::sigemptyset(&action.sa_mask);
        ::sigaction(SIGINT, &action, &interrupt_);
        ::sigaction(SIGTERM, &action, &terminate_);
    }
    ~HandedOn() {
        ::sigaction(SIGINT, &interrupt_, nullptr);
        ::sigaction(SIGTERM, &terminate_, nullptr);
    }
    HandedOn(const HandedOn&) = delete;
    HandedOn& operator=(const HandedOn&) = delete;

  private:
    struct sigaction interrupt_ {
    }, terminate_{};
};

// Both signals wait: between the child's birth and its pid being known none may be lost.
class Blocked {
  public:
    Blocked() {
        sigset_t both;
        ::sigemptyset(&both);
        ::sigaddset(&both, SIGINT);
        ::sigaddset(&both, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &both, &before);
    }
    ~Blocked() { ::pthread_sigmask(SIG_SETMASK, &before, nullptr); }
    Blocked(const Blocked&) = delete;
    Blocked& operator=(const Blocked&) = delete;

    sigset_t before{};
};

int spawn(const std::vector<std::string>& words, ChildOutput output, const sigset_t& mask, pid_t& pid) {
    constexpr const char* kNowhere = "/dev/null";
    std::vector<char*> arguments;
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, kNowhere, O_RDONLY, 0);
    if (output == ChildOutput::dropped) {
        ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, kNowhere, O_WRONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, kNowhere, O_WRONLY, 0);
    }
    ::posix_spawnattr_setsigmask(&attributes, &mask);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    const int failed =
        ::posix_spawnp(&pid, arguments.front(), &actions, &attributes, arguments.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    return failed;
}

}  // namespace

Result<ChildEnd> run_child(const std::vector<std::string>& words, ChildOutput output) {
    was_interrupted = 0;
    const HandedOn handed_on;
    pid_t pid = 0;
    {
        const Blocked blocked;
        if (const int failed = spawn(words, output, blocked.before, pid); failed != 0)
            return Error{failed == ENOENT ? Errc::not_found : Errc::system,
                         words.front() + ": " + std::strerror(failed)};
        child_pid = pid;
    }
    int status = 0;
    pid_t waited = 0;
    do waited = ::waitpid(pid, &status, 0);
    while (waited < 0 && errno == EINTR);
    child_pid = 0;
    if (waited < 0) return Error{Errc::system, words.front() + ": " + std::strerror(errno)};
    return ChildEnd{.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                    .interrupted = was_interrupted != 0};
}

}  // namespace weir::cli
