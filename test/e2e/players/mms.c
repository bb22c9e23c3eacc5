// libmms as a player has it: connect, read, write what came to a file until somebody stops it. Usage: mms URL
// FILE
#include <fcntl.h>
#include <libmms/mmsh.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const int out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644);
    mmsh_t* stream = mmsh_connect(NULL, NULL, argv[1], 1 << 30);
    if (out < 0 || !stream) {
        fprintf(stderr, "mms: cannot connect\n");
        return 1;
    }
    char buffer[4096];  // mmsh_read() returns when it is full
    int got;
    while ((got = mmsh_read(NULL, stream, buffer, sizeof buffer)) > 0)
        if (write(out, buffer, (size_t)got) != got) return 2;
    fprintf(stderr, "mms: the stream ended\n");
    return 1;
}
