// The server of Windows Media HTTP push distribution ([MS-WMHTTP] 3.2): PushSetup and PushStart, as Windows
// Media Encoder sends them.
#pragma once

#include <memory>

#include "protocols/http/service.hpp"

namespace weir::wmpush {

std::unique_ptr<http::HttpService> open_service(Host& host);

}  // namespace weir::wmpush
