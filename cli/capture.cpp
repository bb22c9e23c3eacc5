#include "cli/capture.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/asf/container.hpp"
#include "core/asf/file.hpp"

namespace weir::cli {

Result<Capture> Capture::open(const std::string& path) {
    if (path.empty()) return Capture{nullptr, path};
    if (path == "-") return Capture{stdout, path};
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (!file) return Error{Errc::system, path + ": " + std::strerror(errno)};
    return Capture{file, path};
}

Capture::Capture(Capture&& other) noexcept
    : file_(std::exchange(other.file_, nullptr)),
      path_(std::move(other.path_)),
      served_(std::move(other.served_)),
      renumbering_(other.renumbering_),
      fitted_(std::move(other.fitted_)),
      packets_(other.packets_) {}

Capture::~Capture() {
    if (file_ && file_ != stdout) std::fclose(file_);
}

Result<> Capture::put(Bytes bytes) {
    if (!file_ || std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size()) return Ok{};
    return Error{Errc::system, (path_ == "-" ? "standard output" : path_) + ": " + std::strerror(errno)};
}

Result<> Capture::begin(StreamFormatPtr format) {
    served_ = std::move(format);
    fitted_.resize(served_->max_packet());
    return put(served_->header());
}

void Capture::continue_under(const StreamFormat& format) {
    renumbering_.streams = served_->map_from(format);
    renumbering_.moves_streams = !renumbering_.streams.is_identity();
}

Result<> Capture::write(const StreamFormat& format, Bytes packet) {
    const auto length = format.fit(packet, *served_, fitted_);
    if (!length) return length.error();
    if (!renumbering_.is_none()) {
        auto moved = format.retime(MutableBytes{fitted_}.first(length.value()), renumbering_);
        if (!moved) return moved;
    }
    ++packets_;
    return put(Bytes{fitted_}.first(length.value()));
}

Result<> Capture::finish(Duration duration) {
    if (!file_) return Ok{};
    if (std::fflush(file_) != 0) return Error{Errc::system, path_ + ": " + std::strerror(errno)};
    // A pipe cannot be written again from its beginning; other containers need no final header.
    if (!served_ || &served_->container() != &asf::container() || std::fseek(file_, 0, SEEK_SET) != 0)
        return Ok{};
    auto header = asf::finish_header(
        served_->header(),
        {.packets = packets_, .duration_ms = static_cast<std::uint64_t>(duration.count())});
    if (!header) return header.error();
    if (auto written = put(header.value()); !written) return written;
    if (std::fflush(file_) != 0) return Error{Errc::system, path_ + ": " + std::strerror(errno)};
    return Ok{};
}

}  // namespace weir::cli
