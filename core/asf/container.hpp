// The ASF container: what the relay needs to know to carry Windows Media streams. See
// core/media/container.hpp.
#pragma once

#include "core/media/container.hpp"

namespace weir::asf {

// The one object; it has no state and lives as long as the process. Its readers take a raw ASF byte stream (a
// live push, a pull, a file) and the `$H $D $E` framing of ffmpeg's asf_stream, told apart by the first
// bytes. parse_header() takes it that packets carry the error-correction part, as they do wherever weir
// serves them.
const Container& container() noexcept;

}  // namespace weir::asf
