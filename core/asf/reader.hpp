// Cuts an ASF byte stream into a header and packets; see StreamReader in core/media/container.hpp.
//
// Packets are views into the bytes fed wherever a whole one lies there; else they are put together in one
// buffer. on_format comes with the first packet that parses, because only that one tells whether packets
// carry the error-correction part, on which the served packet size depends.
#pragma once

#include <memory>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/media/container.hpp"

namespace weir::asf {

enum class Form {
    raw,     // Header Object, Data Object, packets
    framed,  // $H $D $E, as ffmpeg's asf_stream and Windows Media over HTTP
    neither,
    need_more,
};

// What a byte stream that begins with `first` is; two bytes suffice to rule out both.
Form detect_form(Bytes first) noexcept;

// Limits of its own: lost bytes in a row 1 MiB, an index of 64 MiB, ten $C in a row.
// began: then what it says may be said anew in $M, with kProvenanceMark in front.
std::unique_ptr<StreamReader> open_reader(const ReaderLimits& limits, std::optional<Provenance> began);

}  // namespace weir::asf
