#!/usr/bin/env python3
"""A TCP proxy on loopback that cuts what clients send into small pieces, so that a server sees every possible border.

Each piece is a send of its own with TCP_NODELAY, and the next waits until the one before has left this machine's send
queue; towards the client everything passes as it comes. Prints the port it listens on.
"""

import argparse
import fcntl
import random
import signal
import socket
import struct
import sys
import termios
import threading
import time

SIOCOUTQ = termios.TIOCOUTQ  # bytes of a socket that the peer has not acknowledged
MOST_WAIT = 0.0005  # seconds for one piece; a server that answers acknowledges late
LOOK_EVERY = 0.00003
BULK_PIECES = (1, 4096)
CHUNK = 65536


class SplitProxy:
    """Listens from start to stop(). `port` is where clients connect; `cuts` counts the pieces sent."""

    def __init__(self, target, port=0, piece=1, limit=None, seed=1):
        self._target, self._piece, self._limit = target, piece, limit
        self._random = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self.cuts = 0
        self._open = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self._listener.close()
        self.drop()

    def drop(self):
        """Ends all connections that there are; new ones are taken."""
        for one in list(self._open):
            self._end(one)

    def _accept(self):
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            server = socket.create_connection(self._target, 10)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(one)
        back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
        back.start()
        self._cut(client, server)
        back.join()
        for one in (client, server):
            self._open.discard(one)
            one.close()

    def _cut(self, client, server):
        sent = 0
        try:
            while data := client.recv(CHUNK):
                at = 0
                while at < len(data):
                    bulk = self._limit is not None and sent >= self._limit
                    size = self._random.randint(*BULK_PIECES) if bulk else self._piece
                    piece = data[at:at + size]
                    server.sendall(piece)
                    self.cuts += 1
                    if not bulk:
                        self._let_go(server)
                    at += len(piece)
                    sent += len(piece)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            self._end(server)
            self._end(client)

    @staticmethod
    def _let_go(server):
        """Without this the kernel would glue pieces together whenever the server is slower than we are.

        A reader of small pieces acknowledges as it reads; where it does not, the wait is long enough for nearly all.
        """
        deadline = time.monotonic() + MOST_WAIT
        while time.monotonic() < deadline and struct.unpack("i", fcntl.ioctl(server, SIOCOUTQ, b"\0" * 4))[0]:
            time.sleep(LOOK_EVERY)

    def _copy(self, source, target):
        try:
            while data := source.recv(CHUNK):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            self._end(source)
            self._end(target)

    @staticmethod
    def _end(one):
        """Wakes whoever waits for this socket; the thread that serves it closes it."""
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("listen_port", type=int, metavar="LISTEN_PORT", help="0: the system picks one")
    parser.add_argument("target", metavar="TARGET_HOST:PORT")
    parser.add_argument("--bytes", type=int, default=1, metavar="N", help="in a piece (default: %(default)s)")
    parser.add_argument("--limit", type=int, metavar="N", help="after so many bytes of a connection, larger pieces")
    options = parser.parse_args()
    host, _, port = options.target.rpartition(":")
    if not host or not port.isdigit() or options.bytes < 1:
        parser.error("TARGET_HOST:PORT and at least one byte in a piece, please")
    proxy = SplitProxy((host.strip("[]"), int(port)), options.listen_port, options.bytes, options.limit)
    print(proxy.port, flush=True)
    number = signal.sigwait({signal.SIGINT, signal.SIGTERM})
    proxy.stop()
    print(f"{proxy.cuts} pieces", file=sys.stderr)
    return 0 if number else 1


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    sys.exit(main())
