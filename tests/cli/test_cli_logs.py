"""Logs: lines for people, or one JSON object a line, and never what an exception quotes."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
from pathlib import Path

from command import environment

import convokit
from convokit.cli.logs import JsonLines, TextLines


def record(level: int, message: str, *values: object, error: BaseException | None = None) -> logging.LogRecord:
    trouble = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord("convokit", level, "x.py", 1, message, values, trouble)


def raised() -> ValueError:
    try:
        raise ValueError("+13035550123 wrote: secret")
    except ValueError as error:
        return error


def test_an_object_a_line() -> None:
    line = JsonLines().format(record(logging.WARNING, "practice %s:\nlater é", "happy-paws"))
    told = json.loads(line)
    assert "\n" not in line
    assert line.isascii()
    assert (told["level"], told["logger"], told["message"]) == ("warning", "convokit", "practice happy-paws:\nlater é")
    assert told["time"].endswith("+00:00")


def test_of_an_exception_its_type_and_place_alone() -> None:
    line = JsonLines().format(record(logging.ERROR, "it failed", error=raised()))
    told = json.loads(line)
    assert told["error"] == "ValueError"
    assert told["at"].partition(":")[0] == __file__
    assert "secret" not in line


def test_lines_for_people() -> None:
    assert TextLines().format(record(logging.INFO, "worker started")) == "convokit: worker started"
    assert TextLines().format(record(logging.ERROR, "it failed", error=raised())) == "convokit: ERROR it failed"


def test_a_worker_logs_as_json(tmp_path: Path) -> None:
    convokit.open(f"sqlite:///{tmp_path}/desk.db").close()
    command = [sys.executable, "-m", "convokit", "worker", "--db", f"{tmp_path}/desk.db", "--log-format", "json"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment())
    assert running.stderr is not None
    first = json.loads(running.stderr.readline())
    running.send_signal(signal.SIGTERM)
    _, rest = running.communicate(timeout=60)
    assert running.returncode == 0
    assert first["message"] == "worker started; owed: 0"
    assert [json.loads(line)["message"] for line in rest.splitlines()] == ["worker ended; owed: 0"]
