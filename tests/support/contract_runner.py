"""Runs the tests of a contract without pytest, to see which of them a broken plugin fails."""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, redirect_stdout
from itertools import product

import pytest

from convokit.testing.contract import Contract
from convokit.testing.guards import hold_back, no_input_or_output, nothing_is_logged
from convokit.testing.provider_base import ProviderBase


def failures(contract: type[Contract], *names: str) -> dict[str, str]:
    """What fails, and why, of all tests of a contract, or of some by name. Fixtures are not known here."""
    wanted = names or tuple(name for name in dir(contract) if name.startswith("test_"))
    return {label: why for name in wanted for label, why in _failed(contract(), name)}


def _failed(kit: Contract, name: str) -> Iterator[tuple[str, str]]:
    test: Callable[..., None] = getattr(kit, name)
    known = kit.cases()
    arguments = [known[argument]() for argument in inspect.signature(test).parameters]
    for labels in product(*arguments):
        values = [values[label] for values, label in zip(arguments, labels, strict=True)]
        why = _why(kit, test, values)
        if why is not None:
            yield f"{name}[{'-'.join(labels)}]" if labels else name, why


def _why(kit: Contract, test: Callable[..., None], values: list[object]) -> str | None:
    guarded = kit.guarded() if isinstance(kit, ProviderBase) else ()
    printed = io.StringIO()
    try:
        with ExitStack() as watching:
            watching.enter_context(redirect_stdout(printed))
            if isinstance(kit, ProviderBase):
                watching.enter_context(nothing_is_logged(guarded))
                watching.enter_context(no_input_or_output())
            test(*values)
        hold_back(guarded, printed.getvalue(), "what was printed")
    except (Exception, pytest.fail.Exception) as error:
        return f"{type(error).__name__}: {error}"
    return None


def variant(contract: type[Contract], **changed: object) -> type[Contract]:
    """The contract of another plugin: the same rows, some of them changed."""
    space: Mapping[str, object] = {"__module__": __name__, **changed}
    return type("Variant", (contract,), dict(space))
