"""Finding conversations from the terminal, and the filters and orders of the list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import convokit as api
from convokit.cli import cli

ANA = api.Client(id="c1", name="Ana Ruiz", phone="+13035550123", email="ana@example.com")
BEN = api.Client(id="c2", name="Ben \x1b[31mRed", phone="+13035550124")
KIM = api.Staff(id="u1", name="Dr. Kim")
RULES = api.Rules(departments=[api.Department(id="lab", name="Lab")])
PRACTICE = api.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=["+13035550100"], rules=RULES)


@pytest.fixture
def desk(tmp_path: Path) -> str:
    """Two conversations by text, one of them with the laboratory and assigned, and one that has ended."""
    url = f"sqlite:///{(tmp_path / 'desk.db').as_posix()}"
    with api.open(url) as kit:
        kit.add_practice(PRACTICE)
        kit.add_practice(api.Practice(id="tails", name="Tails"))
        own = kit.practice("happy-paws")
        lab = own.start(client=ANA, patient=api.Patient(id="p", name="Bella"), channel="sms", title="Lab", by=KIM)
        own.send(lab.id, "The results are in.", by=KIM)
        own.move(lab.id, "lab", by=KIM)
        own.assign(lab.id, KIM, by=KIM)
        own.app_message(BEN, "Are Max's results \x07there?")
        own.end(own.start(client=BEN, channel="sms", title="Old results", by=KIM).id, by=KIM)
    return url


def _run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, arguments)
    return done.exit_code, done.stdout, done.stderr


def test_search_shows_where_it_was_found(desk: str) -> None:
    code, shown, errors = _run("search", "results", "--db", desk)
    assert (code, errors) == (0, "")
    lines = shown.splitlines()
    assert lines[0] == "  Happy Paws (happy-paws)"
    assert [" ".join(line.split()[:-1]) for line in lines[3:]] == [
        "1 Ben [31mRed title Old results",
        "2 Ben [31mRed message Are Max's results there?",
        "3 Ana Ruiz · Bella message The results are in.",
    ]
    assert not {"\x1b", "\x07"} & set(shown)
    assert lines[-1].split()[-1].startswith("c_")


def test_search_says_that_there_is_more(desk: str) -> None:
    assert _run("search", "results", "--db", desk, "--limit", "1")[1].endswith("more hits: --limit\n")


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("(303) 555-0123", ["phone"]),
        ("ruiz", ["client_name"]),
        ("ana@example.com", ["client_email"]),
        ("bel", ["patient_name"]),
        ("the resul", ["text"]),
    ],
)
def test_search_for_programs(desk: str, text: str, matched: list[str]) -> None:
    code, shown, _ = _run("search", text, "--db", desk, "--practice", "happy-paws", "--json")
    hits = json.loads(shown)
    assert (code, [hit["matched"] for hit in hits]) == (0, matched)
    assert (hits[0]["client_name"], hits[0]["department"], hits[0]["assignee_id"]) == ("Ana Ruiz", "lab", "u1")
    assert (hits[0]["message_id"] is not None) == (matched == ["text"])


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nobody"], 3, "nothing found"),
        ([""], 3, "nothing found"),
        (["ana", "--practice", "tails"], 3, "nothing found"),
        (["ana", "--practice", "unknown"], 3, "[practice.unknown]"),
        (["x" * 201], 1, "[search.too_long]"),
        ([], 2, "TEXT"),
        (["ana", "--limit", "0"], 2, "--limit"),
    ],
)
def test_search_ends_with_the_code_that_is_documented(desk: str, arguments: list[str], code: int, words: str) -> None:
    done = _run("search", "--db", desk, *arguments)
    assert (done[0], done[1]) == (code, "")
    assert words in done[2]
    if code == 3:
        assert _run("search", "--db", desk, "--json", *arguments)[0] == code


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        (["--department", "lab"], ["Lab"]),
        (["--department", ""], [""]),
        (["--assignee", "u1"], ["Lab"]),
        (["--unassigned"], [""]),
        (["--awaiting-reply"], [""]),
        (["--answered"], ["Lab"]),
        (["--failed"], []),
        (["--no-failed", "--sort", "department"], ["", "Lab"]),
        (["--sort", "assignee"], ["Lab", ""]),
        (["--sort", "channel"], ["", "Lab"]),
    ],
)
def test_the_list_has_every_filter_and_order(desk: str, filters: list[str], titles: list[str]) -> None:
    code, shown, _ = _run("inbox", "--db", desk, "--json", *filters)
    assert [row["title"] for row in json.loads(shown)] == titles
    assert code == (0 if titles else 3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--history", "--sort", "newest"], "--history has no filters"),
        (["--history", "--unassigned"], "--history has no filters"),
        (["--assignee", "u1", "--unassigned"], "contradict"),
        (["--sort", "size"], "--sort"),
    ],
)
def test_filters_that_make_no_sense_are_wrong_usage(desk: str, arguments: list[str], words: str) -> None:
    code, shown, errors = _run("inbox", "--db", desk, *arguments)
    assert (code, shown) == (2, "")
    assert words in errors
