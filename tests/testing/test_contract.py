"""What all contracts have in common: none of their tests can be replaced."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import convokit.testing
from convokit.testing import Contract, MailerContract, MediaStoreContract, SmsGatewayContract, StoreContract

CONTRACTS: list[tuple[type[Contract], str]] = [
    (MailerContract, "test_refused_for_good"),
    (MediaStoreContract, "test_half_a_file_is_no_file"),
    (SmsGatewayContract, "test_p03_a_request_without_an_answer_is_unsure"),
    (StoreContract, "test_p09_readers_see_whole_commits_only"),
]


def nothing(self: object) -> None:
    """No test."""


def excused(reason: str) -> object:
    def failing(self: object) -> None:
        raise AssertionError

    return pytest.mark.xfail(reason=reason)(failing)


@pytest.mark.parametrize(("contract", "name"), CONTRACTS)
@pytest.mark.parametrize("instead", [nothing, None, excused(""), excused(" ")], ids=["empty", "None", "xfail", "blank"])
def test_a_test_of_a_contract_is_not_replaced(contract: type[Contract], name: str, instead: object) -> None:
    with pytest.raises(TypeError, match=name):
        type("Easy", (contract,), {name: instead, "__module__": "plugin"})


@pytest.mark.parametrize(("contract", "name"), CONTRACTS)
def test_it_may_be_marked_as_failing_with_the_reason(contract: type[Contract], name: str) -> None:
    type("Honest", (contract,), {name: excused("their service cannot do it yet, ticket 12"), "__module__": "plugin"})


@pytest.mark.parametrize("name", ["cases", "pytest_generate_tests", "_nothing_leaks", "_no_input_or_output"])
def test_what_feeds_and_watches_the_tests_is_not_replaced(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        type("Blind", (SmsGatewayContract,), {name: nothing, "__module__": "plugin"})


def test_tests_may_be_added_and_replaced_where_they_are_ones_own() -> None:
    mine = type("Mine", (MediaStoreContract,), {"test_more": nothing, "helper": nothing, "__module__": "plugin"})
    with pytest.raises(TypeError, match="test_more"):
        type("Second", (mine,), {"test_more": nothing, "__module__": "plugin"})


def test_every_name_of_the_kit_is_there_and_sorted() -> None:
    names = convokit.testing.__all__
    assert names == sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert all(getattr(convokit.testing, name) is not None for name in names)
    assert dir(convokit.testing) == sorted(names)
    with pytest.raises(AttributeError):
        convokit.testing.__getattr__("Missing")


AUTHORS = ("make_", "settings", "report", "bring", "keep", "know", "answer", "opener")
"""How the names of the methods begin that an author writes."""


def test_what_an_author_has_not_written_says_what_to_write() -> None:
    silent, told = [], 0
    for file in sorted(Path(convokit.testing.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith(AUTHORS):
                continue
            match node.body[-1]:
                case ast.Raise(exc=ast.Call(args=[ast.Constant(value=str(why))])) if why.startswith("fill in"):
                    told += why.startswith(f"fill in {node.name}: ")
                case ast.Raise():
                    silent.append(f"{file.name}: {node.name}")
    assert not silent
    assert told == 18


LEAKY = """
from pigeon import OFFER, Pigeon, PigeonContract
from attrs import evolve

class Leaky(Pigeon):
    def send(self, message):
        {statement}
        return super().send(message)

class TestLeaky(PigeonContract):
    offer = evolve(OFFER, build=Leaky)
"""


@pytest.mark.parametrize(
    "statement",
    [
        "print(self.settings.api_key)",
        "import logging; logging.getLogger('x').debug('%s', self.settings.signing_secret)",
        "import time; time.sleep(0)",
    ],
)
def test_pytest_itself_sees_what_leaks_and_what_waits(tmp_path: Path, statement: str) -> None:
    (tmp_path / "test_leaky.py").write_text(LEAKY.format(statement=statement))
    support = Path(__file__).parents[1] / "support"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(tmp_path)]
    wanted = "test_the_answers_of_a_row_lead_to_its_outcome"
    ran = subprocess.run(
        [*command, "-k", wanted], env={"PYTHONPATH": str(support)}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert f"{wanted}[taken]" in ran.stdout
