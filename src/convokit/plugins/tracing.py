"""Showing every call of a hook: which plugin, with what, what it gave and how long it took.

The environment variable :data:`VARIABLE` switches it on when a kit is opened: ``1`` writes to standard error, anything
else is the path of a file that lines are added to. Ids and names of kinds are shown; of everything else only what it
is, for an effect holds a client's number and text, and settings hold secrets.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pluggy

from convokit.errors import ConfigurationError

VARIABLE: Final = "CONVOKIT_TRACE_HOOKS"
_SHOWN: Final = frozenset({"practice_id", "kind", "provider", "conversation_id", "change"})
_LONGEST: Final = 100

Write = Callable[[str], None]


def trace(manager: pluggy.PluginManager, hooks: Sequence[str]) -> None:
    """Have all calls of these hooks told, if the environment wants it. Nothing is wrapped otherwise.

    Raises:
        ConfigurationError: ``trace.file`` when the file cannot be written.
    """
    told = os.environ.get(VARIABLE, "")
    if told in ("", "0"):
        return
    if told != "1":
        _try(Path(told))
    write = _to_stderr if told == "1" else functools.partial(_to_file, Path(told))
    for hook in hooks:
        for impl in getattr(manager.hook, hook).get_hookimpls():
            # pluggy's own monitoring tells that a hook was called, not which plugin gave what.
            impl.function = _traced(hook, impl, write)


def _traced(hook: str, impl: pluggy.HookImpl, write: Write) -> Callable[..., object]:
    call = impl.function

    @functools.wraps(call)
    def traced(*values: object) -> object:
        given = ", ".join(f"{name}={_shown(name, value)}" for name, value in zip(impl.argnames, values, strict=True))
        started = time.perf_counter()
        ended = "did not return"
        try:
            answer: object = call(*values)
            ended = _what(answer)
        except BaseException as error:
            ended = f"raised {type(error).__name__}"
            raise
        finally:
            took = (time.perf_counter() - started) * 1000
            write(f"{hook}({given}) {impl.plugin_name}: {ended} ({took:.1f} ms)\n")
        return answer

    return traced


def _shown(name: str, value: object) -> str:
    return repr(value)[:_LONGEST] if name in _SHOWN and isinstance(value, (str, int)) else type(value).__name__


def _what(answer: object) -> str:
    """What a hook gave, without its contents: of offers the names, of settings the names."""
    match answer:
        case None:
            return "None"
        case Mapping():
            return f"settings {', '.join(sorted(map(str, answer))) or '-'}"[:_LONGEST]
        case list() | tuple():
            return f"offers {', '.join(str(getattr(one, 'name', type(one).__name__)) for one in answer) or '-'}"[
                :_LONGEST
            ]
    return type(answer).__name__


# What is told must not change what happens: a full disk or a closed stream costs lines, never a hook's answer.
def _to_stderr(line: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        if sys.stderr is not None:
            sys.stderr.write(line)


def _to_file(path: Path, line: str) -> None:
    with contextlib.suppress(OSError), path.open("a", encoding="utf-8") as file:
        file.write(line)


def _try(path: Path) -> None:
    try:
        path.open("a", encoding="utf-8").close()
    except (OSError, ValueError) as error:
        why = f"{VARIABLE} names a file that cannot be written ({type(error).__name__}); 1 writes to standard error"
        raise ConfigurationError("trace.file", why, field=VARIABLE) from None
