"""The server and the bridge: how they are built and run."""

import contextlib
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Seconds for a program to end.
PATIENCE = 20


class Failed(Exception):
    """What a program has done wrong."""


def build(*names):
    """Builds examples, and says where they are."""
    # Not those of one package only: with the features of the whole workspace, `cargo test` has built them already.
    options = [option for name in names for option in ("--example", name)]
    built = cargo("build", *options, "--message-format", "json-render-diagnostics")
    messages = map(json.loads, built.splitlines())
    artifacts = [message for message in messages if message.get("executable")]
    return {artifact["target"]["name"]: artifact["executable"] for artifact in artifacts}


def target_directory():
    metadata = json.loads(cargo("metadata", "--no-deps", "--format-version", "1"))
    return pathlib.Path(metadata["target_directory"])


def cargo(*arguments):
    return subprocess.run(["cargo", *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout


@contextlib.contextmanager
def running(command, log):
    """Runs a program, and gives the address that it listens on. It has to live until it is told to end, and end then."""
    name = pathlib.Path(command[0]).name
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)
    try:
        line = process.stdout.readline()
        if not line.startswith("listening on "):
            raise Failed(f"{name} does not listen; see {log}")
        yield line.split()[-1]
        if process.poll() is not None:
            raise Failed(f"{name} ended by itself, with {process.returncode}; see {log}")
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failed(f"{name} did not end when it was told to; see {log}") from None
    if "panicked" in log.read_text():
        raise Failed(f"{name} has panicked; see {log}")
