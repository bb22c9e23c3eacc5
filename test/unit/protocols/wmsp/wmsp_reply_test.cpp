// The heads of WMSP's answers, byte for byte as Windows Media Services 4.1 sent them.
#include <string>

#include "protocols/wmsp/reply.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;
using wmsp::EmptyStatus;

namespace {

void the_answer_to_play_has_neither_length_nor_chunks(void**) {
    assert_string_equal(wmsp::play_reply({.client_id = 2338761264U}).c_str(),
                        "HTTP/1.0 200 OK\r\n"
                        "Content-Type: application/octet-stream\r\n"
                        "Server: Cougar/4.1.0.3930\r\n"
                        "Pragma: no-cache\r\n"
                        "Pragma: client-id=2338761264\r\n"
                        "Pragma: features=\"broadcast\"\r\n\r\n");
}

void play_is_never_kept_alive(void**) {
    assert_true(wmsp::play_reply({.client_id = 1U, .keep_alive = true}) ==
                wmsp::play_reply({.client_id = 1U}));
}

void the_answer_to_describe_names_its_length(void**) {
    assert_string_equal(wmsp::describe_reply({.client_id = 5U}, 467).c_str(),
                        "HTTP/1.0 200 OK\r\n"
                        "Content-Type: application/octet-stream\r\n"
                        "Content-Length: 467\r\n"
                        "Server: Cougar/4.1.0.3930\r\n"
                        "Pragma: no-cache\r\n"
                        "Pragma: client-id=5\r\n"
                        "Pragma: features=\"broadcast\"\r\n\r\n");
}

void keep_alive_is_echoed_and_an_unknown_context_is_told(void**) {
    assert_string_equal(
        wmsp::describe_reply({.client_id = 5U, .reset_stream = true, .keep_alive = true}, 1).c_str(),
        "HTTP/1.0 200 OK\r\n"
        "Content-Type: application/octet-stream\r\n"
        "Content-Length: 1\r\n"
        "Server: Cougar/4.1.0.3930\r\n"
        "Pragma: no-cache\r\n"
        "Pragma: client-id=5\r\n"
        "Pragma: xResetStrm=1\r\n"
        "Pragma: features=\"broadcast\"\r\n"
        "Connection: Keep-Alive\r\n\r\n");
}

void answers_without_a_body_say_so(void**) {
    assert_string_equal(wmsp::empty_reply({.client_id = 7U, .keep_alive = true}).c_str(),
                        "HTTP/1.0 204 No Content\r\n"
                        "Content-Length: 0\r\n"
                        "Server: Cougar/4.1.0.3930\r\n"
                        "Pragma: no-cache\r\n"
                        "Pragma: client-id=7\r\n"
                        "Connection: Keep-Alive\r\n\r\n");
    assert_string_equal(wmsp::empty_reply({}, EmptyStatus::ok).c_str(),
                        "HTTP/1.0 200 OK\r\n"
                        "Content-Length: 0\r\n"
                        "Server: Cougar/4.1.0.3930\r\n"
                        "Pragma: no-cache\r\n\r\n");
}

void a_refusal_says_why(void**) {
    assert_string_equal(wmsp::error_reply(404, "no channel 'x'").c_str(),
                        "HTTP/1.0 404 Not Found\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\n"
                        "Content-Length: 15\r\n"
                        "Server: Cougar/4.1.0.3930\r\n"
                        "Pragma: no-cache\r\n\r\n"
                        "no channel 'x'\n");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_to_play_has_neither_length_nor_chunks),
        cmocka_unit_test(play_is_never_kept_alive),
        cmocka_unit_test(the_answer_to_describe_names_its_length),
        cmocka_unit_test(keep_alive_is_echoed_and_an_unknown_context_is_told),
        cmocka_unit_test(answers_without_a_body_say_so),
        cmocka_unit_test(a_refusal_says_why),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
