"""A TCP proxy on loopback that is a bad line: it can stall, reset, delay and throttle what it carries."""

import asyncio
import socket
import struct
import threading

PIECE = 16 * 1024
MOST_WAITING = 4 << 20  # bytes on the line; then nothing more is read, as with a full pipe
RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Carries connections to `target`, (host, port). Its switches may be set from any thread, at any time."""

    def __init__(self, target):
        self.target = target
        self.delay = 0.0  # seconds that every byte takes from now on
        self.rate = 0  # bytes a second, each way; 0: as fast as it goes
        self.is_cut = False  # nothing passes, connections stay, new ones get no answer
        self._writers = set()
        self._loop = asyncio.new_event_loop()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def reset(self):
        """Ends all connections with RST on both sides."""
        asyncio.run_coroutine_threadsafe(self._reset(), self._loop).result(10)

    def close(self):
        self.reset()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._listener.close()

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.create_task(asyncio.start_server(self._accept, sock=self._listener))
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _accept(self, reader, writer):
        while self.is_cut:
            await asyncio.sleep(0.02)
        try:
            there_reader, there = await asyncio.open_connection(*self.target)
        except OSError:
            self._kill(writer)
            return
        pair = {writer, there}
        self._writers |= pair
        try:
            await asyncio.gather(self._carry(reader, there), self._carry(there_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass  # one side broke: so does the other; or close()
        finally:
            self._writers -= pair
            for one in pair:
                self._kill(one)

    async def _carry(self, reader, writer):
        line = asyncio.Queue()
        waiting = 0

        async def read():
            nonlocal waiting
            now, piece, free_at = self._loop.time, b"more", 0.0
            while piece:
                while waiting > MOST_WAITING:
                    await asyncio.sleep(0.02)
                piece = await reader.read(PIECE)
                waiting += len(piece)
                begins = max(now(), free_at)
                free_at = begins + (len(piece) / self.rate if self.rate else 0)
                line.put_nowait((free_at + self.delay, piece))

        async def write():
            nonlocal waiting
            piece = b"more"
            while piece:
                due, piece = await line.get()
                while (left := due - self._loop.time()) > 0 or self.is_cut:
                    await asyncio.sleep(min(max(left, 0.02), 0.1))
                waiting -= len(piece)
                if piece:
                    writer.write(piece)
                    await writer.drain()
            writer.write_eof()

        await asyncio.gather(read(), write())

    async def _reset(self):
        for writer in list(self._writers):
            self._kill(writer)

    @staticmethod
    def _kill(writer):
        plug = writer.get_extra_info("socket")
        if plug is not None and plug.fileno() >= 0:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()
