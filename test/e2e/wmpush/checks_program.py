"""encoder.py as the program that the players' tests start, and the proxy that cuts at every byte."""

import pathlib
import signal
import sys

import asf
import vectors
from bench import ffmpeg_file
from checks import Fail, check, expect, poll
from player import judge, numbered, same
from procs import Process

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from split_proxy import SplitProxy  # noqa: E402: it lives in the folder just named

PROGRAM = pathlib.Path(__file__).resolve().parents[1] / "support" / "encoder.py"


def clip(bench):
    path = ffmpeg_file(bench.folder)
    if path is None:
        raise Fail("there is no ffmpeg to make a file with")
    with open(path, "rb") as file:
        _, size, count = asf.read_header(file.read)
        return path, list(asf.read_packets(file.read, size, count))


def program(bench, channel, path, *more):
    return Process([sys.executable, PROGRAM, bench.url(channel), path, *more], bench.folder / f"{channel}.log")


@check("the encoder program sends a file to its end, $E 0, and exits with 0")
def to_the_end(bench):
    path, packets = clip(bench)
    channel = bench.channel()
    encoder = program(bench, channel, path, "--fast", "--content-length", "20000")
    expect(poll(lambda: encoder.returncode() is not None, 20), "it does not end")
    expect(encoder.returncode() == 0, f"exit code {encoder.returncode()}: {encoder.last_words()}")
    expect("$E 0" in encoder.log() and "$F x" in encoder.log(), encoder.log()[-300:])
    player = bench.player(channel)
    player.has(len(packets))
    expect(not (difference := same(player.packets(), packets)), difference)


@check("the encoder program, looping, ends by SIGINT with $E 0 and exit code 0")
def interrupted(bench):
    path, packets = clip(bench)
    channel = bench.channel()
    encoder = program(bench, channel, path, "--loop", "--fast", "--cut-padding")
    player = None
    try:
        expect(poll(lambda: "$H" in encoder.log() or encoder.returncode() is not None, 10), "it does not begin")
        player = bench.player(channel)
        expect(player.has(3 * len(packets)), f"only {player.count()} packets came: {encoder.last_words()}")
    finally:
        code = encoder.end(signal.SIGINT)
    expect(code == 0, f"exit code {code}: {encoder.last_words()}")
    expect("$E 0" in encoder.log(), encoder.last_words())
    words = player.end()
    expect(", 0 bad, 0 gaps," in words, f"time does not go on across the loop: {words}")


@check("the encoder program loses its connection again and again, comes back and goes on")
def lossy(bench):
    path, packets = clip(bench)
    for back in ("same", "new"):
        channel = bench.channel()
        encoder = program(bench, channel, path, "--fast", "--drop-every", "30", "--come-back", back, "--end", "e1")
        expect(poll(lambda: encoder.returncode() is not None, 20), "it does not end")
        expect(encoder.returncode() == 0, f"{back}: exit code {encoder.returncode()}: {encoder.last_words()}")
        expect(encoder.log().count("connection dropped") == (2 * len(packets) - 1) // 30, encoder.log()[-300:])


@check("bodies of 1000 bytes through a proxy that cuts at every byte arrive byte for byte")
def cut_everywhere(bench):
    channel = bench.channel()
    proxy = SplitProxy(bench.target("").address)
    try:
        encoder = bench.encoder(channel, content_length=1000)
        encoder.target = encoder.target.of(f"http://127.0.0.1:{proxy.port}/{channel}")
        encoder.setup()
        encoder.start()
        encoder.header(vectors.HB)
        packets = numbered(0, 30)
        encoder.data(packets[0])
        player = bench.player(channel)
        expect(player.has(1), "the first packet does not arrive")
        for packet in packets[1:]:
            encoder.data(packet)
        encoder.roll_over()
        judge(player, packets)
    finally:
        proxy.stop()
