#include "core/media/detector.hpp"

#include "core/base/text.hpp"

namespace weir {

namespace {
constexpr std::size_t kShown = 24;
}

Result<const Container*> Detector::feed(Bytes bytes) {
    held_.insert(held_.end(), bytes.begin(), bytes.end());
    bool may_come = held_.empty();
    std::string known;
    for (const Container* container : containers_) {
        const auto detected = container->detect(held_);
        if (detected == Container::Detected::yes) return container;
        may_come |= detected == Container::Detected::need_more;
        known += (known.empty() ? "" : ", ") + std::string(container->name());
    }
    if (may_come && held_.size() < kMostBytes) return static_cast<const Container*>(nullptr);
    return Error{Errc::unsupported, "not a stream that weir knows (" + known + "): it begins with \"" +
                                        printable(as_text(held_), kShown) + "\" at byte 0"};
}

}  // namespace weir
