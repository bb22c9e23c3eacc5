// H.264 parameter sets: whatever comes, what is taken stays within what an encoder can be told.
#include <cstdlib>

#include "cli/h264_setup.hpp"
#include "core/base/bytes.hpp"

using namespace weir;

static void require(bool condition) {
    if (!condition) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto setup = cli::read_h264_setup({data, size});
    if (!setup) return 0;
    require(setup->references >= 1 && setup->references <= 16);
    require(setup->first_qp >= 0 && setup->first_qp <= 51);
    require(setup->chroma_offset >= -12 && setup->chroma_offset <= 12);
    require(setup->order_bits <= 16 && setup->profile <= 255 && setup->level <= 255);
    require(setup->has_timing || (setup->time_scale == 0 && setup->tick_units == 0));
    return 0;
}
