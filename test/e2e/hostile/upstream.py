"""Servers that weir pulls from: hostile for the first requests, then as they should be."""

import re
import select
import socket
import struct
import threading
import time

import mms
import vectors

CASES = []
HOSTILE_TIMES = 2  # so it is seen that weir comes again
_OK = (b"HTTP/1.0 200 OK\r\nServer: Cougar/4.1.0.3930\r\nContent-Type: application/octet-stream\r\n"
       b"Pragma: no-cache\r\nPragma: client-id=7\r\nPragma: features=\"broadcast\"\r\n")
STEP = 0.1
MOST_HEAD = 16384


def ok(more=b""):
    """The head of an answer with a body, up to its blank line. `more`: whole lines."""
    return _OK + more + b"\r\n"


class Case:
    """What is sent in place of a good answer.

    `phase`: "describe", "play" (both of mmsh) or "http", which answer the hostile one takes the place of. `answer`:
    bytes, or a function of the socket. `then`: "wait" for weir to close, "close" or "reset".
    """

    def __init__(self, name, phase, answer, then="wait", times=HOSTILE_TIMES):
        self.name, self.phase, self.answer = name, phase, answer
        self.then, self.times = then, times
        CASES.append(self)

    def server(self):
        return Upstream(self, CASES.index(self))


class Upstream:
    """One case on a port of its own, with the channel that pulls from it."""

    def __init__(self, case, index):
        self.case, self.channel = case, f"up{index}"
        self.hostile = 0  # answers given
        self.ended = 0  # of those that weir had to end, how many it ended
        self.good = 0  # streams given as they should be
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def section(self):
        scheme = "http" if self.case.phase == "http" else "mmsh"
        return (f'[[channel]]\nname = "{self.channel}"\nburst = "1s"\n'
                f'sources = ["{scheme}://127.0.0.1:{self.port}/x"]\n')

    def said(self, log):
        """The lines of weir's log about this channel."""
        return re.findall(rf"channel {self.channel}: (.*)", log.decode("utf-8", "replace"))

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            try:
                self._answer(connection)
            except OSError:
                pass  # weir went away; whether it should is counted

    def _answer(self, connection):
        connection.settimeout(30)
        head = b""
        while b"\r\n\r\n" not in head and len(head) < MOST_HEAD:
            piece = connection.recv(4096)
            if not piece:
                return
            head += piece
        phase = "play" if b"xPlayStrm=1" in head else "describe"
        if self.case.phase == "http":
            phase = "http"
        if phase == self.case.phase and self._is_hostile():
            return self._be_hostile(connection)
        if phase == "describe":
            body = mms.header()
            connection.sendall(ok(b"Content-Length: %d\r\n" % len(body)) + body)
            return
        framed = phase == "play"
        connection.sendall(ok() + (mms.header() if framed else vectors.HB))
        self.good += 1
        self._stream(connection, framed, 0)

    def _is_hostile(self):
        with self._lock:
            if self.hostile == self.case.times:
                return False
            self.hostile += 1
            return True

    def _be_hostile(self, connection):
        try:
            if callable(self.case.answer):
                self.case.answer(connection)
            else:
                connection.sendall(self.case.answer)
        except OSError:
            pass  # weir has heard enough
        if self.case.then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self.case.then == "wait" and ended(connection):
            with self._lock:
                self.ended += 1

    @staticmethod
    def _stream(connection, framed, first):
        index = first
        while not gone(connection):
            connection.sendall(mms.data(index) if framed else vectors.numbered(index))
            index += 1
            time.sleep(STEP)  # its pace, as of any source


def gone(connection):
    """The other side has closed; looked at without waiting."""
    if not select.select([connection], [], [], 0)[0]:
        return False
    try:
        return not connection.recv(4096)
    except OSError:
        return True


def ended(connection, seconds=25):
    """Waits until the other side closes."""
    connection.settimeout(seconds)
    try:
        while connection.recv(4096):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True
