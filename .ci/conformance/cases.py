"""Which cases there are, and when one has passed."""

import fnmatch
import json
import pathlib
import re

# The tool has no opinion on what happens in these, only on how they end.
WITHOUT_BEHAVIOR = {"7.1.6", "7.13.1", "7.13.2"}

# Codes of the server's close frame, where the tool takes others too: a close frame without a code is answered by one
# without, and a code that must not be sent is not sent back.
CODES = {"7.3.1": [None], "7.13.1": [1002], "7.13.2": [1002]}

# Sections that are about compression: 1,000 messages a case, in 18 sizes from 16 bytes to 128 KiB.
COMPRESSED = ["12.*", "13.*"]

# Those of their cases that run without --all. Each kind of data and each offer: 16 bytes, 1 KiB, 8 KiB, and 8 KiB in fragments
# of 256 bytes. Twice 64 KiB, which is more than the largest window: in one frame, and in fragments.
BRIEF = [f"{section}.{size}" for section in COMPRESSED for size in (1, 4, 6, 11)] + ["12.1.9", "12.5.14"]


class Section:
    def __init__(self, name, routes):
        self.name = name
        self.routes = routes
        self.cases = []


def sections(patterns):
    """The sections of cases.txt, with the cases that one of the patterns fits. Without patterns, it is every case but the
    longest."""

    def is_wanted(case):
        return fits(case, patterns) if patterns else fits(case, BRIEF) or not fits(case, COMPRESSED)

    found = []
    for line in pathlib.Path(__file__).with_name("cases.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        if not line.startswith(" "):
            name, _, routes = line.partition(": ")
            found.append(Section(name, routes.split() or ["/ws"]))
            continue
        for group, first, last in re.findall(r"(\S+\.)(\d+)-(\d+)", line):
            cases = [f"{group}{number}" for number in range(int(first), int(last) + 1)]
            found[-1].cases += filter(is_wanted, cases)
    return [section for section in found if section.cases]


def fits(case, patterns):
    return any(fnmatch.fnmatchcase(case, pattern) for pattern in patterns)


class Reports:
    """What the tool has written about a run."""

    def __init__(self, directory, agent):
        self.directory = directory
        try:
            self.index = json.loads((directory / "index.json").read_text())[agent]
        except (OSError, ValueError, KeyError):
            self.index = {}

    def fault(self, case):
        """What is wrong with a case, or None if it has passed."""
        if case not in self.index:
            return "not reported"
        file = self.directory / self.index[case]["reportfile"]
        try:
            report = json.loads(file.read_text())
        except (OSError, ValueError) as error:
            return f"no report: {error}"
        faults = [*behavior_faults(case, report), *closing_faults(case, report), *compression_faults(case, report)]
        return f"{', '.join(faults)}; see {file.with_suffix('.html')}" if faults else None


def behavior_faults(case, report):
    behavior = report["behavior"]
    if behavior != ("INFORMATIONAL" if case in WITHOUT_BEHAVIOR else "OK"):
        yield behavior


def closing_faults(case, report):
    """The tool wants a clean end now and then, and takes a missing close frame for a good one."""
    if not report["expectedClose"]:
        yield "the WebSocket was never open"
        return
    closing, code = report["behaviorClose"], report["remoteCloseCode"]
    codes = CODES.get(case, report["expectedClose"]["closeCode"])
    if closing != ("INFORMATIONAL" if case in WITHOUT_BEHAVIOR else "OK"):
        yield f"closing {closing} ({report['resultClose']})"
    if code not in codes:
        yield f"close code {code} where {' or '.join(map(str, codes))} belongs"
    if not report["wasClean"]:
        yield f"closing not clean ({report['wasNotCleanReason']})"
    if report["droppedByMe"]:
        yield "the server left it to the client to end the connection"


def compression_faults(case, report):
    """The tool takes messages that are sent as they are."""
    ratio = (report["trafficStats"] or {}).get("incomingCompressionRatio")
    if fits(case, COMPRESSED) and not (ratio and ratio < 1):
        yield f"the server has compressed nothing ({ratio})"
