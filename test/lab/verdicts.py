"""What the lab's measurements of figures are asked, and how they say what they found."""

import pathlib
import resource
import statistics
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "e2e" / "players"))
from procs import ROOT, begin  # noqa: E402: it lives in the folder just named


class Verdicts:
    """One line of figures each."""

    def __init__(self):
        self.good = self.bad = 0

    def tell(self, name, text, wrong=()):
        """`wrong`: what of it breaks a promise."""
        wrong = [one for one in wrong if one]
        print("FAIL" if wrong else "ok  ", f"{name:<28}", text, *(f"<- {one}" for one in wrong), flush=True)
        self.good, self.bad = self.good + (not wrong), self.bad + bool(wrong)

    def measure(self, name, play, *arguments):
        """play(*arguments) gives (text, what is wrong); that it cannot be played is wrong, too."""
        try:
            text, wrong = play(*arguments)
        except RuntimeError as error:
            text, wrong = "", [str(error)]
        self.tell(name, text, wrong)

    def end(self):
        print(f"{self.good} passed, {self.bad} failed")
        return 1 if self.bad else 0


def add_options(parser):
    def path(text):
        return pathlib.Path(text).resolve()
    parser.add_argument("--build", default=ROOT / "build", type=path, help="where the programs are")
    parser.add_argument("--weir", type=path, help="another relay than the one there")
    parser.add_argument("--keep", action="store_true", help="keep logs and traces, and say where")


def prepare(options, prefix):
    """The folder for this run, gone at exit; and as many open files as we may have."""
    options.weir = options.weir or options.build / "weir"
    for program in "weir-lab-clients", "weir-lab-source":
        if not (options.build / program).exists():
            sys.exit(f"{options.build / program} does not exist: cmake --preset release -DWEIR_TESTS=ON && "
                     "cmake --build build --target weir weir-lab-clients weir-lab-source")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return begin(options.weir, prefix, options.keep)


def spread(values):
    """Text with median and worst, in ms."""
    return f"median {statistics.median(values):.0f} ms, worst {max(values):.0f} ms of {len(values)}"
