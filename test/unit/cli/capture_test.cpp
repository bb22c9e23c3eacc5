// What weir get writes when the stream goes on under another header.
#include "cli/capture.hpp"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include "test/support/asf_samples.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using cli::Capture;
using test::VideoStream;

static void a_file_has_the_stream_numbers_of_its_own_header_throughout(void**) {
    const VideoStream::Numbers numbers[] = {VideoStream::Numbers::swapped, VideoStream::Numbers::usual};
    std::string name = "/tmp/weir-capture-XXXXXX";
    const int fd = ::mkstemp(name.data());
    assert_true(fd >= 0);
    ::close(fd);
    VideoStream usual;
    std::string expected;
    {
        auto capture = Capture::open(name);
        assert_true(capture.ok());
        assert_true(capture.value().begin(usual.format()).ok());
        const auto packet = usual.next();
        assert_true(capture.value().write(*usual.format(), packet).ok());
        expected += as_text(packet);
        for (const auto each : numbers) {
            VideoStream next{64, 5, '3', each};
            capture.value().continue_under(*next.format());
            assert_true(capture.value().write(*next.format(), next.next()).ok());
            expected += as_text(VideoStream{}.next());
        }
    }
    std::ifstream file(name, std::ios::binary);
    const std::string written{std::istreambuf_iterator<char>(file), {}};
    ::unlink(name.c_str());
    assert_true(written == usual.served_header() + expected);
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(a_file_has_the_stream_numbers_of_its_own_header_throughout)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
