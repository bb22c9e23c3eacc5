"""Faults of links and of encoders."""

import signal
import time

from programs import wait
from scenario import scenario

BOTH = ("push", "pull")
SQUEEZED = 120  # kbit/s: half of the stream
BEAT = 1.0  # seconds of a flap


@scenario("link-down", "the encoder's link is down for {seconds} s", BOTH, (1, 10, 60), quick=(1, 10), within=90)
@scenario("link-down", "the link between two relays is down for {seconds} s", ("chain",), (1, 10, 60), quick=(10,))
def link_down(stage, seconds):
    stage.link.cut()
    wait(seconds)
    stage.link.mend()


@scenario("blackhole", "between encoder and relay all packets vanish for {seconds} s, no link is down", BOTH, (20,),
          quick=(), within=60)
@scenario("blackhole", "between two relays all packets vanish for {seconds} s, no link is down", ("chain",), (20,),
          quick=())
def blackhole(stage, seconds):
    stage.link.lose(100)
    wait(seconds)
    stage.link.calm()


@scenario("drop-30", "30 % of the packets are lost, by chance, for {seconds} s", (*BOTH, "chain"), (20,), quick=(),
          variants=("netns",), within=60, events=lambda seconds: 4)
def drop(stage, seconds):
    stage.link.lose(30)
    wait(seconds)
    stage.link.calm()


@scenario("reset", "each segment of the connection is answered with RST for {seconds} s", (*BOTH, "chain"), (1,))
def reset(stage, seconds):
    stage.link.reset()
    wait(seconds)
    stage.link.calm()


@scenario("delay", "every byte takes 5 s from now on; {seconds} s later none", (*BOTH, "chain"), (20,), quick=(),
          variants=("proxy",), events=lambda seconds: 2)
def delay(stage, seconds):
    stage.link.delay(5)
    wait(seconds)
    stage.link.delay(0)


@scenario("squeeze", f"the line carries {SQUEEZED} kbit/s, half of the stream, for {{seconds}} s", (*BOTH, "chain"),
          (20,), quick=(), within=60)
def squeeze(stage, seconds):
    stage.link.squeeze(SQUEEZED)
    wait(seconds)
    stage.link.open()


@scenario("flap", "the link is down for half of each second, {seconds} s long", (*BOTH, "chain"), (30,), quick=(),
          within=60, events=lambda seconds: 8)
def flap(stage, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        stage.link.cut()
        wait(BEAT / 2)
        stage.link.mend()
        wait(BEAT / 2)


@scenario("kill", "the encoder gets SIGKILL and is started again 5 s later", BOTH, (5,))
def kill(stage, seconds):
    stage.encoder.kill()
    wait(seconds)
    stage.encoder.release()


@scenario("stop", "the encoder gets SIGSTOP for {seconds} s", BOTH, (20,), quick=())
def stop(stage, seconds):
    stage.encoder.send(signal.SIGSTOP)
    wait(seconds)
    stage.encoder.send(signal.SIGCONT)


@scenario("die", "the encoder gets SIGKILL each second and is started at once, {seconds} s long", BOTH, (30,),
          quick=(), within=60, events=lambda seconds: seconds)
def die(stage, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        stage.encoder.kill()
        stage.encoder.release()
        wait(BEAT)
