// A Status with something in every field.
#pragma once

#include "protocols/admin/status.hpp"

namespace weir::test {

inline admin::Status sample_status() {
    admin::ServerStatus server{.name = "edge \"1\"",
                               .version = "0.1.0",
                               .uptime = Duration{61234},
                               .connections = 3,
                               .max_connections = 100,
                               .stopping = false,
                               .counted = {.connections = 11,
                                           .refused_connections = 12,
                                           .unknown_protocol = 13,
                                           .bad_requests = 14,
                                           .timeouts = 15,
                                           .pushes_refused = 16,
                                           .dials = 17,
                                           .dials_missed = 18,
                                           .dials_waiting = 19,
                                           .dials_waiting_most = 20}};
    admin::ChannelStatus news{
        .name = "news",
        .title = "Na\xc3\xafve \xff\n",
        .state = Channel::State::restarting,
        .format = admin::FormatStatus{.container = "asf",
                                      .description = "1 audio",
                                      .bit_rate = 64000,
                                      .header_bytes = 326,
                                      .packet_bytes = 1626},
        .sources = {{.source = "push:",
                     .rank = 0,
                     .state = SourceStatus::State::idle,
                     .fill = false,
                     .slot = "",
                     .who = {},
                     .error = {}},
                    {.source = "http://h/x",
                     .rank = 1,
                     .state = SourceStatus::State::waiting,
                     .fill = false,
                     .who = {},
                     .error = "h:80: Connection refused"},
                    {.source = "push:backup",
                     .rank = 2,
                     .state = SourceStatus::State::starving,
                     .fill = false,
                     .slot = "backup",
                     .who = "push:backup from 192.0.2.1:4711",
                     .error = {}},
                    {.source = "mmsh://h/\"x",
                     .rank = 3,
                     .state = SourceStatus::State::standby,
                     .fill = false,
                     .standby = true,
                     .who = "mmsh://h/x",
                     .error = {}},
                    {.source = "test:",
                     .rank = 4,
                     .state = SourceStatus::State::on_air,
                     .fill = true,
                     .who = "test signal",
                     .error = {}}},
        .clients = {{.protocol = "wmsp", .now = 2, .total = 5, .bytes_sent = 1000},
                    {.protocol = "http", .now = 1, .total = 1, .bytes_sent = 18446744073709551615ULL}},
        .counted = {.packets_in = 21,
                    .bytes_in = 22,
                    .packets_bad = 23,
                    .packets_dropped = 24,
                    .runs = 25,
                    .gaps = 26,
                    .fillers = 27,
                    .skips = 28,
                    .slow_closed = 29,
                    .losses = 41,
                    .recoveries = 42,
                    .switches = 43,
                    .last_gap = Duration{1044},
                    .longest_gap = Duration{60045}},
        .log = {.packets = 31, .bytes = 32, .first = 33, .end = 64}};
    admin::ChannelStatus quiet;
    quiet.name = "a\\b\"c\nd\xc3\xa9";
    return {.server = std::move(server), .channels = {std::move(news), std::move(quiet)}};
}

}  // namespace weir::test
