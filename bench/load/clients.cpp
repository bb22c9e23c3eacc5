// weir-bench-clients: thousands of HTTP clients in one epoll loop. It tells on standard output how far it is,
// one word a line: `first` (the first 100 play; it goes on at a line on standard input), `begin` and `end` of
// what is measured. The last line is JSON.
//
//   --connect ADDR:PORT  --clients N  --streams K   client i plays /s<i modulo K>
//   --wmsp 1             asks for Windows Media's framing
//   --edges wmsp | msbd  asks as another weir does, over the one protocol or the other
//   --ramp N             connections begun each second; 0: all at once
//   --first N            pauses when so many play
//   --warmup S --seconds S  from the last client's first packet; what is measured
//   --patience S         how long that first packet is waited for
//   --sample N           of the clients, one in N is read at a time; the others' bytes are discarded in the
//   kernel and
//                        counted, and each takes its turn of a second
//   --slow PERCENT --slow-rate BYTES_PER_SECOND     clients that read slowly
#include <unistd.h>

#include "crowd.hpp"
#include "options.hpp"

using namespace bench;

int main(int argc, char** argv) {
    Options options(argc, argv);
    Plan plan;
    plan.server = options.text("connect");
    plan.clients = options.count("clients", 100);
    plan.streams = options.count("streams", 1);
    const std::string edges = options.text("edges", "");
    if (options.count("wmsp", 0) != 0) plan.kind = Plan::Kind::wmsp;
    if (edges == "wmsp") plan.kind = Plan::Kind::wmsp_edge;
    if (edges == "msbd") plan.kind = Plan::Kind::msbd_edge;
    plan.ramp = options.count("ramp", 2000);
    plan.first = options.count("first", 0);
    plan.sample = options.count("sample", 1);
    plan.slow_percent = options.count("slow", 0);
    plan.slow_rate = options.count("slow-rate", 4000);
    plan.patience = options.number("patience", 60);
    const double warmup = options.number("warmup", 2), seconds = options.number("seconds", 10);
    options.finish();

    raise_descriptors(plan.clients + 100);
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    Crowd crowd(plan);
    if (plan.first > 0) {
        crowd.connect(plan.first);
        std::puts("first");
        crowd.run_until_input(STDIN_FILENO);
    }
    crowd.connect(plan.clients);
    std::puts("play");
    crowd.run(warmup);
    crowd.begin();
    std::puts("begin");
    crowd.run(seconds);
    std::puts("end");
    std::puts(crowd.finish().c_str());
    return 0;
}
