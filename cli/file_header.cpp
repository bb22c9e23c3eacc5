#include "cli/file_header.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "core/media/detector.hpp"
#include "core/relay/modules.hpp"
#include "weir/weir.hpp"

namespace weir::cli {

namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10;
// Behind the header: objects that stand between it and the first packet, and that packet.
constexpr std::size_t kBehindHeader = std::size_t{256} << 10;

class Descriptor {
  public:
    explicit Descriptor(int fd) noexcept : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const noexcept { return fd_; }

  private:
    int fd_;
};

class HeaderReader final : private StreamReader::Output {
  public:
    explicit HeaderReader(std::size_t header_limit)
        : detector_(builtin_modules().containers), limits_{.header_bytes = header_limit} {}

    Result<> feed(Bytes piece) {
        if (reader_) return reader_->feed(piece, *this);
        auto detected = detector_.feed(piece);
        if (!detected) return detected.error();
        if (!detected.value()) return Ok{};
        reader_ = detected.value()->open_reader(limits_);
        return reader_->feed(detector_.take_held(), *this);
    }

    Error at_end() {
        if (!reader_)
            return {Errc::bad_input, "it ended after " + std::to_string(detector_.held().size()) +
                                         " bytes, expected a stream's header"};
        if (auto ended = reader_->end(); !ended) return ended.error();
        return {Errc::bad_input, "no packets: it ended behind the stream's header"};
    }

    StreamFormatPtr format;

  private:
    Result<> on_format(StreamFormatPtr found) override {
        if (!format) format = std::move(found);
        return Ok{};
    }
    Result<> on_packet(Bytes, const PacketInfo&) override { return Ok{}; }
    Result<> on_bad_packet(const Error&) override { return Ok{}; }

    Detector detector_;
    ReaderLimits limits_;
    std::unique_ptr<StreamReader> reader_;
};

Result<StreamFormatPtr> read(int fd, std::size_t header_limit) {
    HeaderReader reader(header_limit);
    std::array<std::uint8_t, kPiece> piece;
    for (std::size_t left = header_limit + kBehindHeader; left > 0;) {
        const auto got = ::read(fd, piece.data(), std::min(piece.size(), left));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return Error{Errc::system, std::strerror(errno)};
        if (got == 0) return reader.at_end();
        const auto size = static_cast<std::size_t>(got);
        auto fed = reader.feed(Bytes{piece}.first(size));
        if (reader.format) return reader.format;
        if (!fed) return fed.error();
        left -= size;
    }
    return Error{Errc::bad_input,
                 "no packet in the first " + std::to_string(header_limit + kBehindHeader) + " bytes"};
}

}  // namespace

Result<StreamFormatPtr> read_file_header(const std::string& path, std::size_t header_limit) {
    // A pipe that nobody writes to must not hold this up.
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat what {};
    if (file.get() < 0 || ::fstat(file.get(), &what) != 0) return Error{Errc::system, std::strerror(errno)};
    if (!S_ISREG(what.st_mode)) return Error{Errc::unsupported, "not a regular file"};
    return read(file.get(), header_limit);
}

}  // namespace weir::cli
