"""The tutorial "Your first carrier" as something that can be done: its form, its steps, and the carrier at its end."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from command import environment
from tree import ROOT

PAGE = (ROOT / "docs" / "tutorial" / "first-carrier.md").read_text(encoding="utf-8")
TEMPLATE = ROOT / "plugins" / "_template"
_STEP = re.compile(r"(?:^In `([^`\n]+)`:\n\n)?^```(py|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ANSWERS = {"carrier": "Pigeon", "author": "Kim", "year": "2026"}


def copied(folder: Path, **answers: str) -> Path:
    """A project made of the template."""
    data = [word for name, value in answers.items() for word in ("--data", f"{name}={value}")]
    command = [sys.executable, "-m", "copier", "copy", "--defaults", "--quiet", *data, str(TEMPLATE), str(folder)]
    subprocess.run(command, env=environment(), check=True, timeout=60)
    return folder


def steps() -> Iterator[tuple[str, str]]:
    """Files with their contents, and commands with what they print, in the order of the page."""
    for file, language, text in _STEP.findall(PAGE):
        assert (language == "py") is bool(file), f"a block without the name of its file: {text[:60]}"
        if file:
            yield file, text
            continue
        for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            line, _, printed = command.partition("\n")
            yield f"$ {line}", printed


def check_printed(found: str, wanted: str) -> None:
    """What a page shows was printed, line after line; "..." stands for what it leaves out."""
    came = iter(found.splitlines())
    for line in wanted.splitlines():
        pattern = re.compile(r"[^\n]*".join(map(re.escape, line.split("..."))))
        assert line == "..." or any(map(pattern.search, came)), f"the page shows {line!r}, and this came:\n{found}"


class Author:
    """Somebody who does what the page says, in a folder of their own."""

    def __init__(self, folder: Path, project: Path | None = None) -> None:
        self.project, self.site = project or folder / "convokit-sms-pigeon", folder / "site"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A Python module, with what is installed in view."""
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(
            command, cwd=self.project, env=self.env, capture_output=True, encoding="utf-8", timeout=300, check=False
        )

    @property
    def env(self) -> dict[str, str]:
        """The modules come from the project's own folder, as after `pip install -e`; the metadata from the other."""
        path = os.pathsep.join([str(self.project / "src"), str(self.site)])
        return environment(PYTHONPATH=path, PYTHONDONTWRITEBYTECODE="1")

    def does(self, command: str, printed: str) -> None:
        """One command of the page, and whether it ends as the page says."""
        match shlex.split(command):
            case ["copier", "copy", "plugins/_template", "~/convokit-sms-pigeon"]:
                copied(self.project, **ANSWERS)
            case ["cd", "~/convokit-sms-pigeon"]:
                assert self.project.is_dir()
            case ["python", "-m", "pip", "install", "-e", ".", "--group", "test"]:
                self.install()
            case ["python", "-m", "pytest", *options]:
                self.tests(options, printed)
            case ["convokit", "plugins", "--plugin", "pigeon"]:
                listed = self.run("convokit", "plugins", "--plugin", "pigeon")
                assert (listed.returncode, listed.stderr) == (0, "")
                assert "pigeon: convokit_sms_gateways" in listed.stdout
            case _:
                raise AssertionError(f"nobody here knows how to do: {command}")

    def install(self) -> None:
        """Without an index, so that nothing is fetched: what it needs is here."""
        options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target", str(self.site)]
        done = self.run("pip", "install", *options, ".")
        assert done.returncode == 0, done.stderr

    def tests(self, options: list[str], printed: str) -> None:
        """The project's tests. The page says whether some of them fail."""
        done = self.run("pytest", *options, "-p", "no:cacheprovider")
        summary = done.stdout.splitlines()[-1]
        assert ("failed" in summary, "passed" in summary) == ("failed" in printed, "passed" in printed), done.stdout
        assert done.returncode == ("failed" in printed)
        check_printed(done.stdout, printed)

    def fills_in(self) -> None:
        """All blanks at once, without a look at the tests."""
        copied(self.project, **ANSWERS)
        for what, text in steps():
            if not what.startswith("$ "):
                (self.project / what).write_text(text, encoding="utf-8")
        self.install()
