"""Every call of a hook can be seen, without what nobody must see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from desks import ANA, HAPPY_PAWS, KIM

import convokit
from convokit.errors import ConfigurationError
from convokit.plugins import hookimpl
from convokit.plugins.tracing import VARIABLE

SECRET = "a-secret-of-the-vault"
WORDS = "Bella has had kittens"


class Host:
    """A plugin with hooks of every kind: collected, first result, observers."""

    name = "host"

    @hookimpl
    def convokit_choose(self, practice_id: str, kind: str) -> str | None:
        return "simulator" if kind == "sms" else None

    @hookimpl
    def convokit_settings(self, practice_id: str, kind: str, provider: str) -> Mapping[str, object] | None:
        return {"secret": SECRET} if kind == "vault" else None

    @hookimpl
    def convokit_directory(self) -> object:
        return SimpleNamespace(who_has=lambda practice_id, address: ())

    @hookimpl
    def convokit_veto(self, effect: object) -> str | None:
        return f"no: {WORDS}"

    @hookimpl
    def convokit_changed(self, practice_id: str, conversation_id: str, change: int) -> None:
        if change == 2:
            raise RuntimeError(WORDS)


def day() -> None:
    """A text that a veto holds back, and settings that the vault tells."""
    with convokit.open("memory:", plugins=["simulator", Host()]) as kit:
        kit.add_practice(HAPPY_PAWS)
        desk = kit.practice(HAPPY_PAWS.id)
        desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, WORDS, by=KIM)
        kit.work()
        assert kit.catalogue.settings(HAPPY_PAWS.id, "vault", "x") == {"secret": SECRET}


def lines(told: str) -> list[str]:
    """The lines without times and ids."""
    return [re.sub(r"\(\d+\.\d ms\)$", "(ms)", re.sub(r"'c_[^']+'", "ID", line)) for line in told.splitlines()]


def test_p19_every_call_is_told_without_texts_numbers_and_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    day()
    told = capsys.readouterr().err
    found = lines(told)
    practice = f"practice_id={HAPPY_PAWS.id!r}"
    assert found[:2] == [
        "convokit_sms_gateways() simulator: offers simulator (ms)",
        "convokit_directory() host: SimpleNamespace (ms)",
    ]
    assert set(found[2:]) == {
        f"convokit_choose({practice}, kind='sms') host: str (ms)",
        f"convokit_settings({practice}, kind='sms', provider='simulator') host: None (ms)",
        "convokit_veto(effect=SendText) host: str (ms)",
        f"convokit_changed({practice}, conversation_id=ID, change=1) host: None (ms)",
        f"convokit_changed({practice}, conversation_id=ID, change=2) host: raised RuntimeError (ms)",
        f"convokit_changed({practice}, conversation_id=ID, change=3) host: None (ms)",
        f"convokit_settings({practice}, kind='vault', provider='x') host: settings secret (ms)",
    }
    assert not any(hidden in told for hidden in (SECRET, WORDS, str(ANA.phone)))


@pytest.mark.parametrize("value", ["", "0", None])
def test_nothing_is_told_unasked(
    value: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    day()
    assert "convokit_veto" not in capsys.readouterr().err


def test_it_can_go_into_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hooks.txt"
    file.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(file))
    day()
    told = lines(file.read_text(encoding="utf-8"))
    assert told[:2] == ["before", "convokit_sms_gateways() simulator: offers simulator (ms)"]
    assert "convokit_veto" not in capsys.readouterr().err


def test_a_file_that_cannot_be_written_ends_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "missing" / "hooks.txt"))
    with pytest.raises(ConfigurationError) as refused:
        convokit.open("memory:")
    assert (refused.value.code, refused.value.field) == ("trace.file", VARIABLE)


def test_a_file_that_goes_away_changes_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    monkeypatch.setenv(VARIABLE, str(folder / "hooks.txt"))
    with convokit.open("memory:", plugins=["simulator", Host()]) as kit:
        (folder / "hooks.txt").unlink()
        folder.rmdir()
        assert kit.catalogue.settings("any", "vault", "x") == {"secret": SECRET}
