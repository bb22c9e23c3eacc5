#include "core/io/file_reader.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include <array>
#include <cstring>
#include <utility>

#include "core/base/assert.hpp"
#include "core/io/handle.hpp"
#include "core/io/loop.hpp"

namespace weir {

namespace {

// libuv makes what it polls non-blocking. Through a file description of its own, that does not reach the
// shell whose terminal this is. (What cannot be opened anew, a socket say, is shared.)
int open_standard_input() noexcept {
    const int own = ::open("/dev/stdin", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    return own >= 0 ? own : ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
}

}  // namespace

struct FileReader::State {
    enum class Kind { closed, regular, stream, device };  // a stream is waited for, the others are not

    State(Loop& l, std::string p, OnPiece f) : loop(l), path(std::move(p)), on_piece(f) { work.data = this; }
    ~State() {
        poll.reset();
        close_file();
    }

    void read() {
        WEIR_ASSERT(!is_reading);
        is_reading = true;
        if (kind == Kind::stream) return wait();
        is_working = true;
        const int code = uv_queue_work(
            loop.raw(), &work, [](uv_work_t* w) { static_cast<State*>(w->data)->in_thread(); },
            [](uv_work_t* w, int) { static_cast<State*>(w->data)->on_worked(); });
        WEIR_ASSERT(code == 0);  // there is nothing that it could refuse
    }

    // In libuv's thread; the loop touches none of what this does until on_worked().
    void in_thread() noexcept {
        error = 0;
        if (kind == Kind::closed) open_file();
        if (kind == Kind::regular || kind == Kind::device) fill();
    }

    void open_file() noexcept {
        // A FIFO that nobody writes to yet would be waited for here without O_NONBLOCK.
        const bool is_standard_input = path == "-";
        fd = is_standard_input ? open_standard_input()
                               : ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        struct stat status {};
        if (fd < 0 || ::fstat(fd, &status) != 0) {
            error = errno;
        } else if (S_ISDIR(status.st_mode)) {
            error = EISDIR;
        } else if (S_ISREG(status.st_mode)) {
            // A description of our own begins at 0, standard input may have been read from before.
            const off_t place = is_standard_input ? ::lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
            begin = offset = place > 0 ? place : 0;
            kind = Kind::regular;
            return;
        } else {
            kind = S_ISBLK(status.st_mode) ? Kind::device : Kind::stream;
            return;
        }
        close_file();
    }

    void close_file() noexcept {
        if (fd >= 0) ::close(fd);
        fd = -1;
        kind = Kind::closed;
    }

    void fill() noexcept {
        do {
            got = kind == Kind::regular ? ::pread(fd, next->data(), kPiece, offset)
                                        : ::read(fd, next->data(), kPiece);
        } while (got < 0 && errno == EINTR);
        if (got < 0) error = errno;
        if (got > 0) offset += got;
    }

    void on_worked() {
        is_working = false;
        if (!has_owner) return release();  // nor a loop, perhaps
        loop.update_now();
        is_regular = kind == Kind::regular;
        if (kind == Kind::stream) {
            const int code = open_poll();
            if (code == 0) return wait();
            kind = Kind::device;
            is_reading = false;
            if (code == UV_EPERM) return read();  // /dev/zero: always ready, and epoll does not take it
            close_file();
            error = -code;
        }
        deliver();
    }

    int open_poll() {
        int code = 0;
        poll = open_handle<uv_poll_t>(
            this, [this](uv_poll_t* h) { return uv_poll_init(loop.raw(), h, fd); }, code);
        return code;
    }

    void wait() {
        const int code = uv_poll_start(&poll->uv, UV_READABLE, [](uv_poll_t* h, int, int) {
            if (auto* self = owner_of<uv_poll_t, State>(h)) self->on_readable();
        });
        WEIR_ASSERT(code == 0);  // there is nothing that it could refuse
    }

    void on_readable() {
        loop.update_now();
        error = 0;
        fill();
        if (error == EAGAIN) return;  // somebody else was faster
        uv_poll_stop(&poll->uv);
        deliver();
    }

    // The owner may destroy the reader, or read on, from inside.
    void deliver() {
        is_reading = false;
        is_delivering = true;
        std::swap(piece, next);  // what is read meanwhile goes elsewhere
        if (error != 0)
            on_piece(Error{error == ENOENT ? Errc::not_found : Errc::system,
                           (path == "-" ? "standard input" : path) + ": " + std::strerror(error)});
        else
            on_piece(Bytes{piece->data(), static_cast<std::size_t>(got)});
        is_delivering = false;
        release();
    }

    // Nobody reads any more. What a thread works on goes when it is done.
    void let_go() {
        has_owner = false;
        poll.reset();
        if (is_working)
            uv_cancel(reinterpret_cast<uv_req_t*>(&work));  // one that waits for a thread ends now
        release();
    }
    void release() {
        if (!has_owner && !is_working && !is_delivering) delete this;
    }

    using Buffer = std::array<std::uint8_t, kPiece>;

    Loop& loop;
    std::string path;
    OnPiece on_piece;
    Kind kind = Kind::closed;
    int fd = -1;
    int error = 0;  // of the last read
    ssize_t got = 0;
    off_t begin = 0;
    off_t offset = 0;                                            // of a regular file
    std::unique_ptr<Buffer> piece = std::make_unique<Buffer>();  // with the owner
    std::unique_ptr<Buffer> next = std::make_unique<Buffer>();   // being filled
    uv_work_t work{};
    Handle<uv_poll_t, State> poll;
    bool has_owner = true;
    bool is_regular = false;  // as the loop knows it: `kind` is the thread's while it works
    bool is_reading = false;
    bool is_working = false;  // in a thread, or about to
    bool is_delivering = false;
};

std::unique_ptr<FileReader> FileReader::open(Loop& loop, std::string path, OnPiece on_piece) {
    return std::unique_ptr<FileReader>{new FileReader{new State{loop, std::move(path), on_piece}}};
}

FileReader::~FileReader() {
    state_->let_go();
}

void FileReader::read() {
    state_->read();
}

bool FileReader::is_reading() const noexcept {
    return state_->is_reading;
}

bool FileReader::can_rewind() const noexcept {
    return state_->is_regular;
}

void FileReader::rewind() noexcept {
    WEIR_ASSERT(!state_->is_reading);
    state_->offset = state_->begin;
}

}  // namespace weir
