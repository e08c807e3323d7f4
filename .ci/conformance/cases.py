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


class Section:
    def __init__(self, name):
        self.name = name
        self.cases = []


def sections(patterns):
    """The sections of cases.txt, with the cases that one of the patterns fits."""
    found = []
    for line in pathlib.Path(__file__).with_name("cases.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        if not line.startswith(" "):
            found.append(Section(line))
            continue
        for group, first, last in re.findall(r"(\S+\.)(\d+)-(\d+)", line):
            cases = [f"{group}{number}" for number in range(int(first), int(last) + 1)]
            fitting = [case for case in cases if any(fnmatch.fnmatchcase(case, pattern) for pattern in patterns)]
            found[-1].cases += fitting
    return [section for section in found if section.cases]


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
        faults = [*behavior_faults(case, report), *closing_faults(case, report)]
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
