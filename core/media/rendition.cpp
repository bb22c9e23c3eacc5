#include "core/media/rendition.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace weir {

Rendition::Rendition(const BlockLog& source, const Numbering& names, const Framing& framing,
                     std::size_t block_bytes, Seq start, std::uint64_t format)
    : source_(source),
      names_(names),
      framing_(framing),
      own_({}, block_bytes, std::max(start, source.first())),
      format_(format) {
    update();
}

void Rendition::update() {
    if (!framing_.encode) return;
    WEIR_ASSERT(own_.end() >= source_.first());  // the Channel updates its renditions before it trims its log
    for (Seq s = own_.end(); s < source_.end(); ++s) {
        const BlockLog::Packet packet = source_.packet(s);
        const MutableBytes room = own_.reserve(packet.bytes.size() + framing_.overhead);
        const Numbering::Stretch& stretch = names_.of(s);
        FrameNumbers numbers{.number = stretch.number(s), .count = count_++, .format = format_};
        std::optional<Provenance> change;
        if (s == stretch.first) {
            change = stretch.provenance(s);
            numbers.change = &*change;
        }
        const std::size_t length = framing_.encode(packet.bytes, numbers, room);
        own_.commit(length, packet.sync, packet.arrival);
    }
    own_.publish();
}

void Rendition::set_filler(Bytes packet) {
    // Numbers of the packet before: one less than the next, also where there was none yet.
    const FrameNumbers last{
        .number = names_.last().number(log().end()) - 1, .count = count_ - 1, .format = format_};
    filler_.resize(packet.size() + framing_.overhead);
    if (framing_.encode) {
        filler_.resize(framing_.encode(packet, last, filler_));
    } else {
        std::copy(packet.begin(), packet.end(), filler_.begin());
    }
    ++filler_number_;
    filler_after_ = log().end();
}

}  // namespace weir
