"""The tutorial "Your first carrier", done as it is written: copied, red, filled in, green."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import environment
from tree import ROOT

pytest.importorskip("copier", reason="pip install copier")
pytest.importorskip("hatchling", reason="pip install hatchling")

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


class Author:
    """Somebody who does what the page says, in a folder of their own."""

    def __init__(self, folder: Path, project: Path | None = None) -> None:
        self.project, self.site = project or folder / "convokit-sms-pigeon", folder / "site"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A Python module, with what is installed in view."""
        command = [sys.executable, "-m", *arguments]
        # The modules come from the project's own folder, as after `pip install -e`; the metadata from the other one.
        path = os.pathsep.join([str(self.project / "src"), str(self.site)])
        env = environment(PYTHONPATH=path, PYTHONDONTWRITEBYTECODE="1")
        return subprocess.run(
            command, cwd=self.project, env=env, capture_output=True, encoding="utf-8", timeout=300, check=False
        )

    def does(self, command: str, printed: str) -> None:
        """One command of the page, and whether it ends as the page says."""
        match shlex.split(command):
            case ["copier", "copy", "plugins/_template", "~/convokit-sms-pigeon"]:
                copied(self.project, **ANSWERS)
            case ["cd", "~/convokit-sms-pigeon"]:
                assert self.project.is_dir()
            case ["python", "-m", "pip", "install", "-e", ".", "--group", "test"]:
                self.install()
            case ["python", "-m", "pytest"]:
                self.tests("", printed)
            case ["python", "-m", "pytest", "-k", chosen]:
                self.tests(chosen, printed)
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

    def tests(self, chosen: str, printed: str) -> None:
        """The project's tests. The page says whether some of them fail."""
        done = self.run("pytest", "-q", "-p", "no:cacheprovider", *(["-k", chosen] if chosen else []))
        summary = done.stdout.splitlines()[-1]
        assert ("failed" in summary, "passed" in summary) == ("failed" in printed, "passed" in printed), done.stdout
        assert done.returncode == ("failed" in printed)


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


def test_the_tutorial_is_done_as_it_is_written(tmp_path: Path) -> None:
    author, filled = Author(tmp_path), []
    for what, text in steps():
        if what.startswith("$ "):
            author.does(what.removeprefix("$ "), text)
        else:
            assert (author.project / what).is_file(), f"the form has no {what}"
            (author.project / what).write_text(text, encoding="utf-8")
            filled.append(what)
    assert len(filled) == 5
    left = [file for file in author.project.rglob("*.py") if "fill in" in file.read_text(encoding="utf-8")]
    assert not left, "blanks are left"
    check_style(author)


def check_style(author: Author) -> None:
    """The project reads like one of ours."""
    own = ["--isolated", "--line-length", "120", "."]
    for command in (["check", "--select", "B,E,F,I,UP,W"], ["format", "--check"]):
        done = author.run("ruff", *command, *own)
        assert done.returncode == 0, done.stdout


def test_the_form_says_where_its_blanks_are(tmp_path: Path) -> None:
    project = copied(tmp_path / "made", **ANSWERS, name="pigeon-post")
    found = {file.relative_to(project).as_posix() for file in project.rglob("*") if file.is_file()}
    source = "src/convokit_sms_pigeon_post"
    assert found == {
        "LICENSE",
        "README.md",
        "pyproject.toml",
        *(f"{source}/{name}.py" for name in ("__init__", "send", "settings", "testing", "webhook", "words")),
        f"{source}/py.typed",
        "tests/test_pigeon_post_contract.py",
    }
    check_style(Author(tmp_path / "other", project))
    texts = {name: (project / name).read_text(encoding="utf-8") for name in found}
    blanks = {name: text.count('NotImplementedError("fill in') for name, text in texts.items() if "fill in" in text}
    assert blanks == {f"{source}/send.py": 3, f"{source}/webhook.py": 2, "tests/test_pigeon_post_contract.py": 0}
    assert not [name for name, text in texts.items() if "{{" in text or "{%" in text]
    assert "class PigeonPostGateway" in texts[f"{source}/__init__.py"]
    assert 'pigeon-post = "convokit_sms_pigeon_post"' in texts["pyproject.toml"]


@pytest.mark.parametrize("answers", [{"name": "Pigeon"}, {"name": "pigeon_post"}, {"name": "9"}, {"carrier": ' "x'}])
def test_names_that_cannot_be_are_refused(tmp_path: Path, answers: dict[str, str]) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        copied(tmp_path / "made", **{**ANSWERS, **answers})
    assert not (tmp_path / "made").exists() or not list((tmp_path / "made").iterdir())
