"""The rows: those of the rules for following a list that real servers can play, with the timeout scaled down."""

import dataclasses

LONG = 20  # seconds: longer than any row takes
# weir's pause after a break doubles until packets come: 0.2 s, 0.4, 0.8, 1.6: longer than a timeout of one second.
PASSED = "break cut cut cut"


@dataclasses.dataclass(frozen=True)
class Row:
    name: str  # the row, the rule, what the rule says
    hosts: dict  # letter: a behaviour for each phase
    contacts: str  # in their order
    streams: str = ""  # whose packets were written, in their order
    says: str = ""  # part of what is said in the end
    steps: tuple = ()  # parts of lines of -v, each once at least
    timeout: float = 1  # seconds
    waits: int = 0  # so many times the timeout at least passes
    until: str = ""  # weir is ended when this was said; else it ends by itself
    urls: str = ""  # the list, where it is not simply the hosts; "x": a name that does not exist
    scheme: str = "http"


def lists(*hosts):
    return dict(zip("ABC", hosts))


ALL_OK = lists("ok", "ok", "ok")
ROWS = [
    Row("F01 S3: the first on the list", ALL_OK, "A", "A", steps=("A: answered 200",)),
    Row("F04 S4: refused: the next", lists("ref", "ok", "ok"), "AB", "B", steps=("A: refused",)),
    Row("F05 S4: no handshake within the timeout: the next", lists("drop", "ok", "ok"), "AB", "B", waits=1,
        steps=("A: waited longer than 1s",)),
    Row("F06 S4: no answer within the timeout: the next", lists("hang", "ok", "ok"), "AB", "B", waits=1,
        steps=("A: waited longer than 1s",)),
    Row("F07 S4: an answer within the timeout is in time", lists("slow", "ok", "ok"), "A", "A", timeout=3),
    Row("F08 S4: an answer after the timeout is not taken", lists("late", "ok", "ok"), "AB", "B", waits=1),
    Row("F09 S4: refused, then a wait: the third", lists("ref", "hang", "ok"), "ABC", "C", waits=1),
    Row("F10 S5: the timeout is what was asked for", lists("hang", "ok"), "AB", "B", timeout=1.5, waits=1,
        steps=("A: waited longer than 1500ms",)),
    Row("F20 S8: within the timeout the last one", lists("ref ok", "break ok", "ok"), "ABB", "BB", timeout=LONG,
        steps=("it answered last",)),
    Row("F21 S9 S10: after the timeout the first one, and it is back", lists("ref ref ref ref ok", PASSED, "ok"),
        "ABBBBA", "BA", steps=("back to the first",)),
    Row("F22 S9 S11: ... and it is not", lists("ref", PASSED + " ok", "ok"), "ABBBBAB", "BB"),
    Row("F23 S11 S4: ... and it does not answer", lists("ref ref ref ref drop", PASSED + " ok", "ok"),
        "ABBBBAB", "BB", waits=1),
    Row("F26 S8 U3: the last one refuses: the one after it", lists("ref ok", "break ref", "ok"), "ABBC", "BC",
        timeout=LONG),
    Row("F27 S8 U3: after the last on the list comes the first", lists("ref ok", "ref", "break ref"), "ABCCA", "CA",
        timeout=LONG),
    Row("F34 S13: 500 is shown, and nobody else is asked", lists("500", "ok", "ok"), "A",
        says="the server answered 500"),
    *(Row(f"F35 S13: so is {status}", lists(str(status), "ok"), "A", says=says)
      for status, says in ((400, "answered 400"), (401, "the server wants a user name and password"),
                           (403, "answered 403"), (404, "answered 404"), (503, "answered 503"), (599, "answered 599"))),
    Row("F36 S14: 511: the next at once", lists("511", "ok", "ok"), "AB", "B", timeout=LONG,
        steps=("A: answered 511",)),
    Row("F37 S14 U6: 511 from the last is what is reported", lists("ref", "ref", "511"), "ABC",
        says="the server answered 511"),
    Row("F38 S14: 511 from all: once around", lists("511", "511", "511"), "ABC", says="the server answered 511"),
    Row("F39 S14 S8: 511 from the last one: the one after it", lists("ref ok", "break 511", "ok"), "ABBC", "BC",
        timeout=LONG),
    Row("F40 S14 U6: 511 from the last on the list: the first", lists("ref ok", "ref", "break 511"), "ABCCA", "CA",
        timeout=LONG),
    Row("F42 S14 S13: 511, then 500: that is shown", lists("511", "500", "ok"), "AB", says="the server answered 500"),
    Row("F43 S14 S8: who answered 511 is passed over while the last one counts", lists("511 ok", "break ok"),
        "ABB", "BB", timeout=LONG),
    Row("F43 S14 S9: ... and is the first again later", lists("511 511 511 511 ok", PASSED), "ABBBBA", "BA"),
    Row("F44 U1: all refuse: one error", lists("ref", "ref", "ref"), "ABC", says="Connection refused",
        steps=("list exhausted",)),
    Row("F45 U1: all keep waiting", lists("hang", "drop", "hang"), "ABC", says="no answer within 1s", waits=3),
    Row("F47 U1 S8: from the last one on all refuse, each once; then the first again", lists("ref", "break ref", "ref"),
        "ABBCAABC", "B", timeout=LONG, until="list exhausted:.*list exhausted:"),
    Row("F48 U5: a list of one that refuses", lists("ref"), "A", says="Connection refused"),
    Row("F48 U5: ... keeps waiting", lists("hang"), "A", says="no answer within 1s", waits=1),
    Row("F48 U5: ... answers 511", lists("511"), "A", says="the server answered 511"),
    Row("F49 U9: twice on the list is asked once", lists("ref", "ok"), "AB", "B", urls="AAB",
        steps=("is in the list already",)),
    # Where there is no name server the lookup may take longer than the timeout: the next, too.
    Row("F50 U7: a name that does not resolve: the next", lists("ok"), "xA", "A", urls="xA", timeout=3),
    Row("F53 U8: closed without an answer: the next", lists("eof", "ok"), "AB", "B", steps=("A: refused",)),
    Row("F53 U15: reset without an answer: the next", lists("rst", "ok"), "AB", "B", steps=("A: refused",)),
    Row("F54 U11: an answer that breaks off is shown", lists("half", "ok"), "A",
        says="the connection ended inside the body"),
    Row("U1: 511 tells more than a wait, a wait more than a refusal", lists("511", "hang", "ref"), "ABC",
        says="the server answered 511", waits=1),
    Row("U14: bytes of a head do not prolong the wait", lists("drip", "ok"), "AB", "B", waits=1),
    Row("U15: what is no answer: the next", lists("junk", "ok"), "AB", "B", steps=("A: refused",)),
    Row("mmsh: description and stream are two requests to one server", ALL_OK, "AA", "A", scheme="mmsh"),
    Row("mmsh S4: who describes and then refuses is passed over", lists("describe ref", "ok"), "AABB", "B",
        scheme="mmsh"),
    Row("mmsh S4: ... who describes and then does not answer", lists("describe hang", "ok"), "AABB", "B", scheme="mmsh",
        waits=1),
    Row("mmsh S14: ... who describes and then answers 511", lists("describe 511", "ok"), "AABB", "B", scheme="mmsh"),
    Row("mmsh S13: who describes and then answers 503 is shown", lists("describe 503", "ok"), "AA", scheme="mmsh",
        says="the server answered 503"),
]
