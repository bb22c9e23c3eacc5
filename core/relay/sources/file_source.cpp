#include "core/relay/sources/file_source.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/io/loop.hpp"

namespace weir {

Result<std::string> file_path_of(std::string_view source) {
    constexpr std::string_view kScheme = "file:", kAuthority = "//";
    const auto bad = [&](std::string_view what) {
        return Error{Errc::bad_input, fmt::format("\"{}\" {}, expected \"file:PATH\" or \"file:///PATH\"",
                                                  printable(source, 80), what)};
    };
    if (!source.starts_with(kScheme)) return bad("names no file");
    std::string_view path = source.substr(kScheme.size());
    if (path.starts_with(kAuthority)) {
        path.remove_prefix(kAuthority.size());
        if (!path.starts_with('/')) return bad("names a file on another host");
    }
    if (path.empty()) return bad("names no file");
    if (path.find('\0') != std::string_view::npos) return bad("has a NUL in it");
    return std::string(path);
}

FileSource::FileSource(Loop& loop, Channel& channel, const SourceSpec& spec,
                       std::span<const Container* const> containers, std::string path)
    : loop_(loop),
      channel_(channel),
      spec_(spec),
      containers_(containers),
      path_(std::move(path)),
      retry_(loop.timers(), Callback<void()>::of<&FileSource::start>(this)) {
    start();
}

void FileSource::describe(SourceStatus& status) const {
    if (error_.empty()) {
        if (!feed_) status.state = SourceStatus::State::dialling;
        return;
    }
    status.state = SourceStatus::State::waiting;
    status.error = error_;
}

void FileSource::start() {
    PacedFile::Listener& self = *this;
    file_ = std::make_unique<PacedFile>(loop_, containers_, path_, PacedFile::Repeat::loop, self,
                                        ReaderLimits{.header_bytes = channel_.policy().header_limit});
}

void FileSource::on_format(StreamFormatPtr format) {
    if (!error_.empty()) channel_.logger().info("channel {}: {} is back", channel_.name(), path_);
    error_.clear();
    if (!feed_)
        feed_ = std::make_unique<Feed>(channel_, spec_.rank, spec_.role, "file " + path_,
                                       Callback<void()>::of<&FileSource::on_replaced>(this));
    feed_->begin(std::move(format));
}

Result<> FileSource::on_packet(Bytes packet, const PacketInfo&) {
    return feed_->append(packet);
}

void FileSource::on_flush() {
    if (feed_) feed_->publish();
}

// Each turn of the loop finds the same ones again.
void FileSource::on_bad_packet(const Error& why) {
    if (!has_reported_bad_)
        channel_.logger().warning("channel {}: {}: bad packet dropped: {}", channel_.name(), path_,
                                  why.detail);
    has_reported_bad_ = true;
}

void FileSource::on_end(Result<> why) {
    const bool is_first = error_.empty();
    error_ = why ? path_ + ": it ended" : why.error().detail;
    if (feed_) feed_->leave(why ? Selector::Cause::ended : Selector::Cause::closed, error_);
    feed_.reset();
    if (is_first)
        channel_.logger().warning("channel {}: {}; it is tried again every {} s", channel_.name(), error_,
                                  kRetryPause.count() / 1000);
    retry_.start(kRetryPause);
}

}  // namespace weir
