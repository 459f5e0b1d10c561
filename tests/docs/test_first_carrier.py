"""The tutorial "Your first carrier", done as it is written: copied, red, filled in, green."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tutorial import ANSWERS, Author, copied, steps

pytest.importorskip("copier", reason="pip install copier")
pytest.importorskip("hatchling", reason="pip install hatchling")


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
        ".gitignore",
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
    assert blanks == {
        f"{source}/send.py": 3,
        f"{source}/testing.py": 3,
        f"{source}/webhook.py": 2,
        "tests/test_pigeon_post_contract.py": 1,
    }
    assert "indicator.label" in texts["README.md"]
    assert not [name for name, text in texts.items() if "{{" in text or "{%" in text]
    assert "class PigeonPostGateway" in texts[f"{source}/__init__.py"]
    assert 'pigeon-post = "convokit_sms_pigeon_post"' in texts["pyproject.toml"]


@pytest.mark.parametrize("answers", [{"name": "Pigeon"}, {"name": "pigeon_post"}, {"name": "9"}, {"carrier": ' "x'}])
def test_names_that_cannot_be_are_refused(tmp_path: Path, answers: dict[str, str]) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        copied(tmp_path / "made", **{**ANSWERS, **answers})
    assert not (tmp_path / "made").exists() or not list((tmp_path / "made").iterdir())
