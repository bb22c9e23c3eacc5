"""Several encoders on one channel, each in a slot of its own: who is on air, who stands by, who is refused."""

import signal

import vectors
import wire
from bench import ffmpeg_file
from checks import Fail, check, eventually, expect
from player import labels, numbered
from procs import Process
from relay import refused

MAIN, BACKUP = "?source=main", "?source=backup"


def states(bench, channel):
    return [one["state"] for one in bench.sources(channel)]


def are(bench, channel, *wanted):
    """Waits until the slots are in these states."""
    eventually(lambda: states(bench, channel) == list(wanted),
               lambda: f"wanted {wanted}, the slots are {states(bench, channel)}")


@check("slots: the better of two encoders is on air, the other takes over, and the player stays")
def rank_decides(bench):
    channel = bench.slots()
    backup, _ = bench.streaming(channel + BACKUP, packets=3, tag=b"B")
    player = bench.player(channel)
    expect(player.has(3), lambda: f"{player.count()} packets came: {player.end()}")
    main, _ = bench.streaming(channel + MAIN, packets=4, tag=b"A")
    expect(player.has(7), lambda: f"{player.count()} packets came: {player.end()}")
    are(bench, channel, "on_air", "standby")
    main.drop(wire.data(vectors.P1)[:40], reset=True)
    eventually(lambda: states(bench, channel)[0] == "idle", "the better one is not lost")
    for packet in numbered(3, 6, b"B"):
        backup.data(packet)
    are(bench, channel, "idle", "on_air")
    eventually(lambda: labels(player.packets())[-1:] == [(b"B", 5)], lambda: f"{labels(player.packets())}")
    got = labels(player.packets())
    wanted = [(tag, index) for tag, count in ((b"B", 3), (b"A", 4)) for index in range(count)]
    expect(got[:7] == wanted and got[-3:] == [(b"B", 3), (b"B", 4), (b"B", 5)], f"{got}")
    words = player.end()
    expect(" 0 bad," in words and " 0 reconnects" in words, words)


@check("slots: an encoder whose publishing point escapes the question mark finds its slot")
def escaped(bench):
    channel = bench.slots()
    encoder, _ = bench.streaming(channel + "%3Fsource%3Dbackup", packets=3)
    are(bench, channel, "idle", "on_air")
    expect(bench.sources(channel)[1]["who"].startswith("push:backup from "), bench.sources(channel)[1]["who"])
    encoder.end()


@check("slots: one that is not there, and none where all have names, are answered with those that are")
def not_there(bench):
    channel = bench.slots()
    there = f"push to /{channel}{MAIN} or /{channel}{BACKUP}"
    for query in ("", "?source=", "?source=third", "?source=%zz", "?source=MAIN", "?source=" + "x" * 3000):
        for kind in (wire.SETUP, wire.START):
            reply, connection = bench.ask(kind, path=f"/{channel}{query}")
            expect(reply.status == 404, f"{query[:40]!r} is answered {reply}")
            expect(there in reply.body.decode(), f"{query[:40]!r}: {reply.body}")
            expect(connection.closes(), f"{query[:40]!r}: the connection stays open")
    expect(states(bench, channel) == ["idle", "idle"], f"{states(bench, channel)}")


@check("slots: a push-id is good in its own slot alone")
def push_ids(bench):
    channel = bench.slots()
    main, _ = bench.streaming(channel + MAIN, packets=3)
    reply, _ = bench.setup(channel + BACKUP, push_id=main.push_id)
    expect(reply.status == 403, f"in the other slot it is answered {reply}")
    connection = bench.connect()
    connection.send(wire.request(f"/{channel}{BACKUP}", bench.weir.address, wire.START, wire.WHOLE, main.push_id)
                    + wire.data(vectors.P1))
    refused(connection)
    are(bench, channel, "on_air", "idle")
    main.data(vectors.numbered(3))
    main.end()


@check("slots: weir push and weir push --wm feed two slots at once, and are told of those that there are")
def weir_push(bench):
    path = ffmpeg_file(bench.folder)
    if path is None:
        raise Fail("there is no ffmpeg to make a file with")
    channel = bench.slots()

    def push(query, *more):
        return Process([bench.binary, "push", path, bench.url(channel) + query, *more],
                       bench.folder / f"{channel}{len(query)}{len(more)}.log")

    main, backup = push(MAIN, "--loop"), push(BACKUP, "--loop", "--wm")
    try:
        are(bench, channel, "on_air", "standby")
        expect(main.end(signal.SIGINT) == 0, main.last_words())
        are(bench, channel, "idle", "on_air")
    finally:
        main.end(signal.SIGKILL)
        backup.end(signal.SIGINT)
    for more in ((), ("--wm",)):
        lost = push("?source=third", *more)
        eventually(lambda: lost.returncode() is not None, "it does not end")
        expect(lost.returncode() == 1 and f"push to /{channel}{MAIN} or /{channel}{BACKUP}" in lost.log(),
               lost.log()[-300:])


@check("slots: two ffmpeg as docs/configuration.md has them; the better one is killed and comes back")
def ffmpegs(bench):
    channel = bench.slots()

    def ffmpeg(query, log):
        return Process(["ffmpeg", "-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25",
                        "-f", "lavfi", "-i", "sine=f=440:r=44100", "-c:v", "msmpeg4v3", "-b:v", "300k", "-g", "25",
                        "-c:a", "wmav2", "-b:a", "96k", "-f", "asf", bench.url(channel) + query],
                       bench.folder / f"ffmpeg-{log}.log")

    running = [ffmpeg(MAIN, "main"), ffmpeg(BACKUP, "backup")]
    try:
        are(bench, channel, "on_air", "standby")
        player = bench.player(channel)
        expect(player.has(20), lambda: f"{player.count()} packets came: {player.end()}")
        running[0].send(signal.SIGKILL)
        are(bench, channel, "idle", "on_air")
        count = player.count()
        expect(player.has(count + 20), lambda: f"behind the loss {player.count() - count} packets: {player.end()}")
        running.append(ffmpeg(MAIN, "again"))
        are(bench, channel, "on_air", "standby")
        count = player.count()
        expect(player.has(count + 20), lambda: f"behind the return {player.count() - count} packets: {player.end()}")
        words = player.end()
        expect(" 0 bad," in words and " 0 reconnects" in words, words)
    finally:
        for one in running:
            one.end(signal.SIGKILL)
