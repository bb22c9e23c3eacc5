#include "core/asf/container.hpp"

#include "core/asf/format.hpp"
#include "core/asf/reader.hpp"
#include "core/asf/test_signal.hpp"

namespace weir::asf {

namespace {

class AsfContainer final : public Container {
  public:
    constexpr AsfContainer() noexcept = default;
    std::string_view name() const noexcept override { return "asf"; }
    std::string_view content_type() const noexcept override { return "video/x-ms-asf"; }

    Detected detect(Bytes first) const noexcept override {
        switch (detect_form(first)) {
            case Form::raw:
            case Form::framed:
                return Detected::yes;
            case Form::need_more:
                return Detected::need_more;
            case Form::neither:
                break;
        }
        return Detected::no;
    }

    std::unique_ptr<StreamReader> open_reader(const ReaderLimits& limits,
                                              std::optional<Provenance> began) const override {
        return asf::open_reader(limits, std::move(began));
    }

    Result<StreamFormatPtr> parse_header(Bytes blob, const ReaderLimits& limits) const override {
        auto header = asf::parse_header(blob, limits.header_bytes);
        if (!header) return header.error();
        return Format::make(blob, std::move(header).value(), ErrorCorrection::present);
    }

    std::unique_ptr<TestSignal> open_test_signal() const override { return asf::open_test_signal(); }
};

constinit const AsfContainer kContainer;

}  // namespace

const Container& container() noexcept {
    return kContainer;
}

}  // namespace weir::asf
