// How weir says no to a pushing encoder: an answer with a sentence, a line in the log, a count.
#pragma once

#include <string_view>

#include "protocols/http/service.hpp"

namespace weir::wmpush {

struct Refusal {
    int status = 400;
    std::string_view sentence;
    std::string_view push_id = {};  // of the push, where there is one
    int retry_after = 0;            // seconds, 0: none
    http::Next next = http::Next::close;
};
void refuse(http::Exchange& exchange, const Refusal& refusal);
// 409: another encoder has the channel's slot.
void refuse_taken_slot(http::Exchange& exchange, std::string_view sentence, std::string_view push_id = {});

}  // namespace weir::wmpush
