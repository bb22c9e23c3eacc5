"""What a scenario is, and the list of them. To add one, write in faults_*.py:

    @scenario("thunder", "what happens, in a few words", feeds=("push", "pull"), lengths=(1, 10))
    def thunder(stage, seconds):
        stage.link.cut()
        wait(seconds)
        stage.link.mend()

The function is the fault: everybody plays when it is called, and recovery is counted from its return. It has
stage.link (the way from the encoder to the relay, or from relay to relay; see cables.py), stage.encoder,
stage.relays, stage.host(name), stage.wrong (complaints) and stage.figures (further figures). It is run by
`run.py push-thunder-1` and so on.
"""

import dataclasses
from collections.abc import Callable

SCENARIOS = {}


@dataclasses.dataclass
class Scenario:
    """One line of the table."""
    name: str
    text: str
    play: Callable  # (stage, seconds)
    feed: str  # push, pull or chain
    seconds: float
    variants: tuple = ("netns", "proxy")  # the first is the better one
    within: float = 15.0  # seconds from the fault's end to everybody's media
    events: int = 1  # how many losses it is
    lines: int = 4  # of a relay's log, for each of them
    prepare: Callable | None = None  # (stage), when its machines are there: options for the clients' relay
    host_name: str = ""  # what the relay calls the encoder's machine
    machines: tuple = ()  # further ones
    quick: bool = False  # part of a quick round

    def most_lines(self):
        """The relay in front of a chain tells of its client, the next relay, too: that it left and is back."""
        return self.events * (self.lines + (2 if self.feed == "chain" else 0))

    def most_seconds(self, variant):
        """A proxy accepts what nobody behind it takes: to who pulls that is a refusal, with its longer pauses."""
        return self.within + (30 if variant == "proxy" and self.feed == "pull" else 0)

    def set_up(self, stage):
        {"push": stage.pushed, "pull": stage.pulled, "chain": stage.chained}[self.feed](self)


def scenario(name, text, feeds=("push",), lengths=(0,), quick=None, events=None, **more):
    """Registers a fault for each feed and length; `quick`: the lengths of a quick round, all unless told.
    `events`: (seconds) how many losses it is."""
    def register(function):
        for feed in feeds:
            for seconds in lengths:
                full = "-".join([feed, name] + ([f"{seconds:g}"] if len(lengths) > 1 else []))
                said = text.format(seconds=f"{seconds:g}")
                SCENARIOS[full] = Scenario(
                    full, said, function, feed, seconds, events=events(seconds) if events else 1,
                    quick=seconds in (lengths if quick is None else quick), **more)
        return function
    return register
