"""The Autobahn|Testsuite: a program for CPython 2.7, in an environment of its own."""

import json
import os
import pathlib
import shutil
import subprocess

TOOL = "autobahntestsuite==25.10.1"
PYTHON = "2.7.18"
# The last version that makes environments for Python 2.7.
VIRTUALENV = "virtualenv==20.21.1"
# Seconds for the cases of one run. All cases of compression take eight minutes, the others well under one.
PATIENCE = 1800

NO_PYTHON = 77
NOT_INSTALLED = 69

# An interpreter that is 2.7, and has what pip and the tool need.
PROBE = (
    "import platform, ssl, sys, zlib;"
    "sys.exit(platform.python_implementation() != 'CPython' or sys.version_info[:2] != (2, 7))"
)


class Unavailable(Exception):
    """Why the tool is not there, and the status to end with."""

    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


class Failed(Exception):
    """Why the tool did not come to the end of a run."""


def installed(directory):
    """Installs the tool there, unless it is, and gives the path of its program."""
    program = directory / "bin" / "wstest"
    complete = directory / "complete"
    wanted = f"{TOOL} {VIRTUALENV}\n"
    if complete.exists() and complete.read_text() == wanted and runs(program, "-a"):
        return program
    python = python27()
    print(f"installing {TOOL} for {python}", flush=True)
    shutil.rmtree(directory, ignore_errors=True)
    maker = directory / "maker"
    quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    call("python3", "-m", "venv", maker)
    call(maker / "bin" / "python", *quiet, VIRTUALENV)
    call(maker / "bin" / "virtualenv", "--quiet", "--python", python, directory)
    call(directory / "bin" / "python", *quiet, "--no-python-version-warning", TOOL)
    if not runs(program, "-a"):
        raise Unavailable(NOT_INSTALLED, f"{program} does not run")
    complete.write_text(wanted)
    return program


def python27():
    """A CPython 2.7: the one that the variable PYTHON27 names, one that is there, or one that can be had."""
    named = os.environ.get("PYTHON27")
    if named:
        if runs(named, "-c", PROBE):
            return named
        raise Unavailable(NOT_INSTALLED, f"PYTHON27 names no CPython 2.7: {named}")
    return there() or had_from_pyenv() or had_from_apt() or nowhere()


def there():
    versions = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv") / "versions"
    # pyenv's command of this name may stand for a version that is not selected: its versions go first.
    candidates = [*sorted(versions.glob("2.7*/bin/python2.7"), reverse=True), "python2.7", "python2"]
    return next((str(candidate) for candidate in candidates if runs(candidate, "-c", PROBE)), None)


def had_from_pyenv():
    if not shutil.which("pyenv"):
        return None
    call("pyenv", "install", "--skip-existing", PYTHON)
    return there()


def had_from_apt():
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return None
    call("apt-get", "update", "-qq")
    if not runs("apt-get", "install", "--simulate", "python2.7"):
        return None
    call("apt-get", "install", "-y", "-qq", "python2.7", env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    return there()


def nowhere():
    raise Unavailable(
        NO_PYTHON,
        "there is no CPython 2.7, and neither pyenv nor apt (as root) has one; PYTHON27 can name one",
    )


def run(program, agent, url, cases, directory):
    """Runs cases against a server; the tool's reports are in the directory then."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    spec = {
        "outdir": str(directory),
        "servers": [{"agent": agent, "url": url}],
        # What the server does wrong is to be answered with a close frame.
        "options": {"failByDrop": False},
        "cases": cases,
        "exclude-cases": [],
        "exclude-agent-cases": {},
    }
    (directory / "spec.json").write_text(json.dumps(spec))
    with open(directory / "wstest.log", "wb") as log:
        try:
            command = [program, "--mode", "fuzzingclient", "--spec", directory / "spec.json"]
            subprocess.run(command, env=clean(), stdout=log, stderr=log, check=True, timeout=PATIENCE)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise Failed(f"{error}; see {log.name}") from error


def clean():
    """The environment without what is meant for another Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


def runs(*command):
    try:
        return subprocess.run(command, env=clean(), capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def call(*command, env=None):
    try:
        subprocess.run(command, env=env or clean(), check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(NOT_INSTALLED, f"the tool cannot be installed: {error}") from error
