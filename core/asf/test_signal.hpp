// An endless live test signal: PCM, 16 kHz, mono, 16 bit; a quiet tone, and each second a louder, higher
// beep. Packet n depends on n alone, byte for byte, on every machine.
#pragma once

#include <memory>

#include "core/media/container.hpp"

namespace weir::asf {

std::unique_ptr<TestSignal> open_test_signal();

}  // namespace weir::asf
