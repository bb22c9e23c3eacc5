// The source "file:PATH": a recording, played over and over in real time as one continuous stream. What
// cannot be read, or breaks, is tried again every few seconds; the log hears of the first failure and the
// recovery. Worker's thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/timer_queue.hpp"
#include "core/media/channel.hpp"
#include "core/media/feed.hpp"
#include "core/relay/source_spec.hpp"
#include "core/relay/source_status.hpp"
#include "core/relay/sources/paced_file.hpp"

namespace weir {

class Loop;

// The path in "file:/srv/a.asf", "file:a.asf" or "file:///srv/a.asf"; it stands there as it is, nothing is
// decoded. Error: no such text, no path, or a path on another host.
Result<std::string> file_path_of(std::string_view source);

class FileSource final : private PacedFile::Listener {
  public:
    // All but `path` outlive this. path: what file_path_of() gave.
    FileSource(Loop& loop, Channel& channel, const SourceSpec& spec,
               std::span<const Container* const> containers, std::string path);

    // Fills in what the channel does not know: state and error while the file cannot be played.
    void describe(SourceStatus& status) const;

    static constexpr Duration kRetryPause{5000};

  private:
    void on_format(StreamFormatPtr format) override;
    Result<> on_packet(Bytes packet, const PacketInfo& info) override;
    void on_flush() override;
    void on_bad_packet(const Error& why) override;
    void on_end(Result<> why) override;
    void start();
    void on_replaced() {}  // no other feed can have its rank

    Loop& loop_;
    Channel& channel_;
    const SourceSpec& spec_;
    std::span<const Container* const> containers_;
    std::string path_;
    std::unique_ptr<Feed> feed_;  // from the header on
    std::unique_ptr<PacedFile> file_;
    Timer retry_;
    std::string error_;  // why it is not played; empty where it is
    bool has_reported_bad_ = false;
};

}  // namespace weir
