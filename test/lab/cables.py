"""What can go wrong on the way between two programs: the same verbs for a real cable and for the proxy."""


class Unavailable(Exception):
    """This kind of line cannot fail in this way."""


class Cable:
    """The way from host `a`, who sends the media, to host `b`, through the router of a World."""

    def __init__(self, world, a, b):
        self._router = world.router
        self._a, self._b = world.hosts[a], world.hosts[b]

    def cut(self):
        """The link of `a` goes down, as if somebody pulled its plug."""
        self._router.run("ip", "link", "set", self._a.name, "down")

    def mend(self):
        self._router.run("ip", "link", "set", self._a.name, "up")

    def lose(self, percent):
        """The router drops so many of the packets, by chance, in both directions; with 100 all of them: nobody's link
        is down, and nobody is told."""
        self._rule("drop" if percent == 100 else f"numgen random mod 100 < {percent} drop")

    def reset(self):
        """From now on each TCP segment is answered with RST instead of being forwarded, in both directions."""
        self._rule("ip protocol tcp reject with tcp reset")

    def calm(self):
        """Nothing more is dropped or reset."""
        self._router.run("nft", "flush", "chain", "ip", "lab", "forward")

    def squeeze(self, kbit):
        self._a.run("tc", "qdisc", "replace", "dev", "eth0", "root", "tbf", "rate", f"{kbit}kbit", "burst", "4kb",
                    "latency", "400ms")

    def open(self):
        self._a.run("tc", "qdisc", "del", "dev", "eth0", "root")

    def delay(self, seconds):
        raise Unavailable("netem is not in every kernel")

    def close(self):
        pass

    def _rule(self, verdict):
        for one, other in ((self._a, self._b), (self._b, self._a)):
            self._router.run("nft", f"add rule ip lab forward ip saddr {one.address} ip daddr {other.address} "
                                    f"{verdict}")


class Line:
    """The same by a Proxy."""

    def __init__(self, proxy):
        self._proxy = proxy

    def cut(self):
        self._proxy.is_cut = True

    def mend(self):
        self._proxy.is_cut = False

    def lose(self, percent):
        if percent < 100:
            raise Unavailable("a proxy has no packets to lose")
        self.cut()

    def reset(self):
        self._proxy.reset()

    def calm(self):
        self.mend()

    def squeeze(self, kbit):
        self._proxy.rate = kbit * 1000 // 8

    def open(self):
        self._proxy.rate = 0

    def delay(self, seconds):
        self._proxy.delay = seconds

    def close(self):
        self._proxy.close()
