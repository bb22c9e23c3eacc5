// Files and pipes read on a loop.
#include "core/io/file_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/io/loop.hpp"
#include "test/support/cmocka.hpp"

using namespace weir;

namespace {

// A directory of its own, with what the tests make in it.
struct Directory {
    Directory() { assert_non_null(::mkdtemp(path.data())); }
    ~Directory() {
        for (const auto& file : files) ::unlink(file.c_str());
        ::rmdir(path.c_str());
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    std::string file(const std::string& content) {
        files.push_back(path + "/file");
        std::FILE* out = std::fopen(files.back().c_str(), "wb");
        std::fwrite(content.data(), 1, content.size(), out);
        std::fclose(out);
        return files.back();
    }
    std::string fifo() {
        files.push_back(path + "/fifo");
        ::mkfifo(files.back().c_str(), 0600);
        return files.back();
    }

    std::string path = "/tmp/weir-file-reader-XXXXXX";
    std::vector<std::string> files;
};

struct Pipe {
    Pipe() { assert_int_equal(::pipe2(ends, O_CLOEXEC), 0); }
    ~Pipe() {
        close(0);
        close(1);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    void close(int end) {
        if (ends[end] >= 0) ::close(ends[end]);
        ends[end] = -1;
    }
    void write(std::string_view text) {
        assert_int_equal(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    int ends[2] = {-1, -1};
};

// Another standard input, for a while.
struct StandardInput {
    explicit StandardInput(int fd) : before(::fcntl(0, F_DUPFD_CLOEXEC, 3)) { ::dup2(fd, 0); }
    ~StandardInput() {
        if (before < 0)
            ::close(0);
        else
            ::dup2(before, 0);
        ::close(before);
    }
    StandardInput(const StandardInput&) = delete;
    StandardInput& operator=(const StandardInput&) = delete;
    int before;
};

// Takes pieces: the loop runs until the next, or to the end of the file.
struct Taker {
    enum class At { stop, read_on, destroy };

    Taker(Loop& l, std::string path) : loop(l) {
        reader = FileReader::open(l, std::move(path), FileReader::OnPiece::of<&Taker::on_piece>(this));
    }
    void on_piece(Result<Bytes> result) {
        assert_true(!is_inside);
        is_inside = true;
        ++calls;
        if (!result) {
            error = result.error();
        } else {
            sizes.push_back(result.value().size());
            if (!result.value().empty() && at == At::read_on)
                reader->read();
            else if (at == At::destroy)
                reader.reset();
            // What is read meanwhile, or nobody reads any more, leaves this piece alone.
            text += as_text(result.value());
        }
        if (at != At::read_on || !result || result.value().empty()) loop.stop();
        is_inside = false;
    }
    void next() {
        const int before = calls;
        reader->read();
        assert_int_equal(calls, before);
        loop.run();
        assert_int_equal(calls, before + 1);
    }
    void all() {
        at = At::read_on;
        reader->read();
        loop.run();
    }

    Loop& loop;
    std::unique_ptr<FileReader> reader;
    At at = At::stop;
    std::string text;
    std::vector<std::size_t> sizes;
    std::optional<Error> error;
    int calls = 0;
    bool is_inside = false;
};

std::string some_text(std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 7 + i / 251);
    return out;
}

void a_file_comes_in_pieces_and_ends_with_an_empty_one(void**) {
    Directory directory;
    const auto content = some_text(3 * FileReader::kPiece + 100);
    auto loop = Loop::open(nullptr).value();
    Taker taker{*loop, directory.file(content)};
    assert_false(taker.reader->can_rewind());  // nothing is known yet
    taker.all();
    assert_true(taker.text == content);
    assert_int_equal(taker.sizes.size(), 5);
    assert_int_equal(taker.sizes.front(), FileReader::kPiece);
    assert_int_equal(taker.sizes.back(), 0);
    assert_true(taker.reader->can_rewind());
    taker.next();  // still the end
    assert_int_equal(taker.sizes.back(), 0);
}

void an_empty_file_is_at_its_end(void**) {
    Directory directory;
    auto loop = Loop::open(nullptr).value();
    Taker taker{*loop, directory.file("")};
    taker.next();
    assert_int_equal(taker.sizes.at(0), 0);
    assert_false(taker.error.has_value());
}

void a_file_is_read_again_after_rewind(void**) {
    Directory directory;
    const auto content = some_text(FileReader::kPiece + 1);
    auto loop = Loop::open(nullptr).value();
    Taker taker{*loop, directory.file(content)};
    taker.next();
    taker.reader->rewind();  // in the middle
    taker.text.clear();
    for (int round = 0; round < 3; ++round) {
        taker.all();
        assert_true(taker.text == content);
        taker.text.clear();
        taker.reader->rewind();
    }
}

void what_cannot_be_read_is_told_later_with_its_path(void**) {
    Directory directory;
    auto loop = Loop::open(nullptr).value();
    Taker missing{*loop, directory.path + "/none.asf"};
    missing.next();
    assert_true(missing.error.has_value());
    assert_true(missing.error->code == Errc::not_found);
    assert_true(missing.error->detail == directory.path + "/none.asf: No such file or directory");
    assert_false(missing.reader->can_rewind());
    missing.next();  // it may be there by now
    assert_int_equal(missing.calls, 2);
    Taker is_directory{*loop, directory.path};
    is_directory.next();
    assert_true(is_directory.error.has_value());
    assert_true(is_directory.error->detail == directory.path + ": Is a directory");
}

void a_fifo_waits_for_its_writer_and_ends_with_it(void**) {
    Directory directory;
    const auto path = directory.fifo();
    auto loop = Loop::open(nullptr).value();
    Taker taker{*loop, path};
    taker.reader->read();
    for (int i = 0; i < 20; ++i) uv_run(loop->raw(), UV_RUN_NOWAIT);
    assert_int_equal(taker.calls, 0);
    int writer = -1;  // until the reader's thread has opened the other end
    while ((writer = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0)
        uv_run(loop->raw(), UV_RUN_NOWAIT);
    assert_int_equal(::write(writer, "hello", 5), 5);
    loop->run();
    assert_true(taker.text == "hello");
    assert_false(taker.reader->can_rewind());
    ::close(writer);
    taker.next();
    assert_int_equal(taker.sizes.back(), 0);
}

void standard_input_may_be_a_pipe_that_gets_bytes_later(void**) {
    Pipe pipe;
    StandardInput input{pipe.ends[0]};
    auto loop = Loop::open(nullptr).value();
    Taker taker{*loop, "-"};
    taker.reader->read();
    for (int i = 0; i < 20; ++i) uv_run(loop->raw(), UV_RUN_NOWAIT);
    assert_int_equal(taker.calls, 0);
    pipe.write("one");
    loop->run();
    assert_true(taker.text == "one");
    pipe.write("two");
    taker.next();
    assert_true(taker.text == "onetwo");
    pipe.close(1);
    taker.next();
    assert_int_equal(taker.sizes.back(), 0);
    // Whoever shares our standard input finds it as it was.
    assert_int_equal(::fcntl(0, F_GETFL) & O_NONBLOCK, 0);
}

void standard_input_may_be_a_file_that_was_read_from_before(void**) {
    Directory directory;
    const int fd = ::open(directory.file("0123456789").c_str(), O_RDONLY | O_CLOEXEC);
    char skipped[4];
    assert_int_equal(::read(fd, skipped, 4), 4);
    StandardInput input{fd};
    ::close(fd);
    auto loop = Loop::open(nullptr).value();
    Taker taker{*loop, "-"};
    taker.all();
    assert_true(taker.reader->can_rewind());
    taker.reader->rewind();
    taker.all();
    assert_true(taker.text == "456789456789");
}

void a_device_is_read_though_it_cannot_be_waited_for(void**) {
    auto loop = Loop::open(nullptr).value();
    Taker zeros{*loop, "/dev/zero"};
    zeros.next();
    zeros.next();
    assert_true(zeros.text == std::string(2 * FileReader::kPiece, '\0'));
    assert_false(zeros.reader->can_rewind());
    Taker nothing{*loop, "/dev/null"};
    nothing.next();
    assert_int_equal(nothing.sizes.at(0), 0);
}

void a_reader_may_go_while_a_thread_reads(void**) {
    Directory directory;
    const auto path = directory.file(some_text(FileReader::kPiece));
    auto loop = Loop::open(nullptr).value();
    for (int i = 0; i < 50; ++i) {
        Taker opening{*loop, path};
        opening.reader->read();
    }
    Taker taker{*loop, path};
    taker.next();
    taker.reader->read();
    taker.reader.reset();
    loop.reset();  // which waits for the threads
    assert_int_equal(taker.calls, 1);
}

void a_reader_may_go_while_it_waits_for_a_pipe(void**) {
    Pipe pipe;
    StandardInput input{pipe.ends[0]};
    auto loop = Loop::open(nullptr).value();
    Taker taker{*loop, "-"};
    pipe.write("x");
    taker.next();
    taker.reader->read();
    taker.reader.reset();
    pipe.write("y");
    loop.reset();
    assert_int_equal(taker.calls, 1);
}

void a_reader_may_be_destroyed_in_its_own_callback(void**) {
    Directory directory;
    Pipe pipe;
    StandardInput input{pipe.ends[0]};
    pipe.write("piped");
    auto loop = Loop::open(nullptr).value();
    Taker file{*loop, directory.file("from a file")};
    Taker stream{*loop, "-"};
    file.at = stream.at = Taker::At::destroy;
    file.next();
    stream.next();
    assert_null(file.reader.get());
    assert_null(stream.reader.get());
    // The piece is there until the callback returns.
    assert_true(file.text == "from a file" && stream.text == "piped");
}

void an_embedders_loop_finishes_the_read_of_a_loop_that_ended(void**) {
    Directory directory;
    uv_loop_t outer;
    uv_loop_init(&outer);
    auto loop = Loop::open(&outer).value();
    {
        Taker taker{*loop, directory.file("x")};
        taker.reader->read();
    }
    loop.reset();
    uv_run(&outer, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&outer), 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_file_comes_in_pieces_and_ends_with_an_empty_one),
        cmocka_unit_test(an_empty_file_is_at_its_end),
        cmocka_unit_test(a_file_is_read_again_after_rewind),
        cmocka_unit_test(what_cannot_be_read_is_told_later_with_its_path),
        cmocka_unit_test(a_fifo_waits_for_its_writer_and_ends_with_it),
        cmocka_unit_test(standard_input_may_be_a_pipe_that_gets_bytes_later),
        cmocka_unit_test(standard_input_may_be_a_file_that_was_read_from_before),
        cmocka_unit_test(a_device_is_read_though_it_cannot_be_waited_for),
        cmocka_unit_test(a_reader_may_go_while_a_thread_reads),
        cmocka_unit_test(a_reader_may_go_while_it_waits_for_a_pipe),
        cmocka_unit_test(a_reader_may_be_destroyed_in_its_own_callback),
        cmocka_unit_test(an_embedders_loop_finishes_the_read_of_a_loop_that_ended),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
