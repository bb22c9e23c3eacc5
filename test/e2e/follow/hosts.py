"""Servers on loopback that behave as a row says, and remember who came to them and when."""

import socket
import struct
import threading
import time

import mms
import vectors

SHORT, LONG = 10, 100  # packets of a stream that breaks, and of one that is enough; each is 40 ms of media
MUCH = 1 << 30  # a Content-Length that never comes true
DEAF = 0.05  # seconds after which a handshake on loopback will not come any more


def head(status, length):
    return f"HTTP/1.1 {status} As asked\r\nContent-Length: {length}\r\nServer: row\r\n\r\n".encode()


def read_request(connection):
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(4096)
        if not piece:
            return request
        request += piece
    return request


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class World:
    """The hosts of one row. A behaviour for each phase; a phase ends when a host breaks what it began."""

    def __init__(self, timeout, **hosts):
        self.timeout = timeout  # seconds
        self.phase = 0
        self.contacts = []  # (letter, when)
        self.overlaps = []  # who was connected to while somebody else was not let go yet
        self.lock = threading.Lock()
        self.hosts = {letter: Host(self, letter, phases.split()) for letter, phases in hosts.items()}

    def next_phase(self):
        with self.lock:
            self.phase += 1
        for host in self.hosts.values():
            host.settle()

    def came(self, host, connection):
        with self.lock:
            self.contacts.append((host.letter, time.monotonic()))
            for other in self.hosts.values():
                self.overlaps += [f"{host.letter} while {other.letter} is open"
                                  for one in other.open if not is_over(one)]
            host.open.append(connection)

    def gone(self, host, connection):
        with self.lock:
            host.open.remove(connection)
            connection.close()

    def close(self):
        for host in self.hosts.values():
            host.close()


def is_over(connection):
    """The other side ended it. What it did on loopback before it connected elsewhere is here by then."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


class Host:
    """One port. It refuses while nobody listens on it; it is bound all the time, so that it stays ours."""

    def __init__(self, world, letter, phases):
        self.world, self.letter, self.phases = world, letter, phases
        self.open = []
        self._socket = self._bound(0)
        self.port = self._socket.getsockname()[1]
        self._state = "ref"
        self._fillers = []
        self._closed = False
        self.settle()

    @staticmethod
    def _bound(port):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(("127.0.0.1", port))
        return one

    @property
    def behaviour(self):
        return self.phases[min(self.world.phase, len(self.phases) - 1)]

    def settle(self):
        """Listens or not, as the phase wants it."""
        wanted = self.behaviour if self.behaviour in ("ref", "drop") else "listen"
        if wanted == self._state:
            return
        if self._state != "ref":
            self._stop_listening()
        self._state = wanted
        if wanted == "listen":
            self._socket.listen(16)
            threading.Thread(target=self._accept, args=(self._socket,), daemon=True).start()
        if wanted == "drop":
            self._fill()

    def _stop_listening(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes whoever accepts
        except OSError:
            pass
        self._socket.close()
        for filler in self._fillers:
            filler.close()
        self._fillers = []
        self._socket = self._bound(self.port)

    def _fill(self):
        """Listens, and has its queue full for ever: the system then drops what begins a handshake."""
        self._socket.listen(0)
        while True:
            one = socket.socket()
            one.settimeout(DEAF)
            self._fillers.append(one)
            try:
                one.connect(("127.0.0.1", self.port))
            except TimeoutError:
                return

    def close(self):
        self._closed = True
        if self._state == "ref":
            self._socket.close()
            return
        self._stop_listening()
        self._socket.close()

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.world.came(self, connection)
            threading.Thread(target=self._serve, args=(connection, self.behaviour), daemon=True).start()

    def _serve(self, connection, behaviour):
        try:
            self._answer(connection, behaviour)
        except OSError:
            pass  # weir went away, as it should
        finally:
            self.world.gone(self, connection)

    def _answer(self, connection, behaviour):
        connection.settimeout(30)
        request = read_request(connection)
        if not request:
            return
        act = getattr(self, f"_{behaviour}", None)
        if act:
            act(connection, request)
        else:
            connection.sendall(head(behaviour, 0))

    def _ok(self, connection, request, count=LONG):
        """A stream, in packets that say whose they are; and then it waits for weir to go."""
        if b"xPlayStrm=1" in request:
            body = mms.header() + b"".join(mms.data(i, self.letter.encode()) for i in range(count))
        elif b"xClientGUID" in request:
            return self._describe_only(connection)
        else:
            body = vectors.HB + b"".join(vectors.numbered(i, self.letter.encode()) for i in range(count))
        connection.sendall(head(200, MUCH) + body)
        if count == LONG:
            connection.recv(1)

    @staticmethod
    def _describe_only(connection):
        connection.sendall(head(200, len(mms.header())) + mms.header())

    def _slow(self, connection, request):
        """In time, but late."""
        time.sleep(self.world.timeout / 2)
        self._ok(connection, request)

    def _late(self, connection, request):
        time.sleep(self.world.timeout * 1.5)
        self._ok(connection, request)

    def _break(self, connection, request):
        self._ok(connection, request, SHORT)
        self.world.next_phase()

    def _cut(self, connection, _):
        """The same before the first packet."""
        connection.sendall(head(200, MUCH) + vectors.HB)
        self.world.next_phase()

    def _describe(self, connection, _):
        """Tells what the stream is; what comes then is another phase."""
        self.world.next_phase()
        self._describe_only(connection)

    @staticmethod
    def _half(connection, _):
        connection.sendall(head(200, MUCH) + vectors.HB[:200])

    @staticmethod
    def _hang(connection, _):
        connection.recv(1)

    @staticmethod
    def _drip(connection, _):
        for byte in head(200, MUCH) * 100:
            connection.sendall(bytes([byte]))
            time.sleep(0.02)

    @staticmethod
    def _eof(connection, _):
        pass

    @staticmethod
    def _rst(connection, _):
        reset(connection)

    @staticmethod
    def _junk(connection, _):
        connection.sendall(b"220 mail.example ESMTP ready\r\n")
        connection.recv(1)
