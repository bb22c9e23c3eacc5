#include "core/asf/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "core/asf/chunk.hpp"
#include "core/asf/framed_reader.hpp"
#include "core/asf/raw_reader.hpp"

namespace weir::asf {

namespace {

// As far as the first bytes are looked at: a yes before that could still become a no.
constexpr std::size_t kRawCertain = kGuidSize;
constexpr std::size_t kFramedCertain = kDataOverhead;

class AsfReader final : public StreamReader {
  public:
    AsfReader(const ReaderLimits& limits, std::optional<Provenance> began) noexcept
        : limit_(std::min(limits.header_bytes, kMaxHeaderBlob)),
          began_(std::move(began)),
          is_from_relay_(began_.has_value()) {}

    Result<> feed(Bytes in, Output& out) override {
        if (failed_) return Ok{};
        Result<> done = Ok{};
        if (const auto began = std::exchange(began_, std::nullopt)) done = out.on_provenance(*began);
        if (done) done = read(in, out);
        failed_ = !done.ok();
        fed_ += in.size();
        return done;
    }

    Result<> end() override {
        if (failed_ || has_header() || finished()) return Ok{};
        return Error{
            Errc::bad_input,
            fmt::format("ASF: the stream ended after {} bytes, expected a whole header first", fed_)};
    }

    bool finished() const noexcept override {
        if (const auto* raw = std::get_if<RawReader>(&form_)) return raw->finished();
        if (const auto* framed = std::get_if<FramedReader>(&form_)) return framed->finished();
        return false;
    }

  private:
    bool has_header() const noexcept {
        if (const auto* raw = std::get_if<RawReader>(&form_)) return raw->has_header();
        if (const auto* framed = std::get_if<FramedReader>(&form_)) return framed->has_header();
        return false;
    }

    Result<> read(Bytes in, Output& out) {
        while (!finished()) {
            if (buffered() == 0) {
                if (in.empty()) return Ok{};
                const auto step = step_at(in, out);
                if (!step) return step.error();
                in = in.subspan(step.value().used);
                if (step.value().need == 0) continue;
                keep(in, step.value().need);
                return Ok{};
            }
            if (buffered() < need_) {
                const auto part = in.first(std::min(in.size(), need_ - buffered()));
                buffer_.insert(buffer_.end(), part.begin(), part.end());
                in = in.subspan(part.size());
                if (buffered() < need_) return Ok{};
            }
            const auto step = step_at(Bytes{buffer_}.subspan(begin_), out);
            if (!step) return step.error();
            begin_ += step.value().used;
            need_ = step.value().need;
            compact();
        }
        return Ok{};
    }

    std::size_t buffered() const noexcept { return buffer_.size() - begin_; }

    void keep(Bytes in, std::size_t need) {
        begin_ = 0;
        need_ = need;
        buffer_.clear();
        buffer_.reserve(need);
        buffer_.assign(in.begin(), in.end());
    }

    // A search may use up bytes one by one: what is behind them moves only when more than half is used.
    void compact() {
        if (begin_ == buffer_.size()) {
            buffer_.clear();
            begin_ = 0;
        } else if (begin_ > buffer_.size() / 2) {
            buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
            begin_ = 0;
        }
    }

    Result<Step> step_at(Bytes in, Output& out) {
        if (auto* raw = std::get_if<RawReader>(&form_)) return raw->step(in, out);
        if (auto* framed = std::get_if<FramedReader>(&form_)) return framed->step(in, out);
        switch (detect_form(in)) {
            case Form::raw:
                form_.emplace<RawReader>(limit_);
                return Step{};
            case Form::framed:
                form_.emplace<FramedReader>(limit_, is_from_relay_);
                return Step{};
            case Form::need_more:
                return Step{.used = 0, .need = in.size() + 1};
            case Form::neither:
                break;
        }
        std::string text;
        for (auto b : in.first(std::min<std::size_t>(in.size(), 8))) text += fmt::format("{:02X} ", b);
        return Error{Errc::unsupported,
                     fmt::format("not ASF: the first bytes are {}, expected 30 26 B2 75 (Header "
                                 "Object) or 24 48 ($H)",
                                 text)};
    }

    std::size_t limit_;
    std::optional<Provenance> began_;
    bool is_from_relay_;
    std::variant<std::monostate, RawReader, FramedReader> form_;
    std::vector<std::uint8_t> buffer_;  // from begin_ on, what does not suffice for a step yet
    std::size_t begin_ = 0;
    std::size_t need_ = 0;  // bytes from begin_ on that the next step asks for
    std::uint64_t fed_ = 0;
    bool failed_ = false;
};

}  // namespace

Form detect_form(Bytes first) noexcept {
    if (begins_like(first, kHeaderObject)) return first.size() < kRawCertain ? Form::need_more : Form::raw;
    if (first.size() < 2)
        return std::holds_alternative<Error>(parse_chunk(first)) ? Form::neither : Form::need_more;
    // $M and $C may stand before the first header, nothing else.
    if (first[1] != 'H' && first[1] != 'M' && first[1] != 'C') return Form::neither;
    if (std::holds_alternative<Error>(parse_chunk(first.first(std::min(first.size(), kDataOverhead)))))
        return Form::neither;
    return first.size() < kFramedCertain ? Form::need_more : Form::framed;
}

std::unique_ptr<StreamReader> open_reader(const ReaderLimits& limits, std::optional<Provenance> began) {
    return std::make_unique<AsfReader>(limits, std::move(began));
}

}  // namespace weir::asf
