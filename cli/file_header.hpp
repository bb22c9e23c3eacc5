// The stream header at the start of a recording. Reads the file then and there and blocks while the disk
// does: for the command line only.
#pragma once

#include <cstddef>
#include <string>

#include "core/base/result.hpp"
#include "core/media/container.hpp"

namespace weir::cli {

// Reads as much of the file as it takes to know the header and the form of its packets: a header of up to
// `header_limit` bytes and one packet. The Error does not name the file.
Result<StreamFormatPtr> read_file_header(const std::string& path, std::size_t header_limit);

}  // namespace weir::cli
