"""No clock, no randomness and no input or output can be reached from the core: reaching for one breaks the build.

The core may use what is listed here and nothing else, wherever in a file it is imported or named. import-linter keeps
the modules out that are not listed (pyproject.toml, contract "pure-core"); this file also keeps to the listed names of
a module, to the listed built-ins, and to types without their clocks.
"""

from __future__ import annotations

import ast
import builtins
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from tree import CORE, ROOT, core_modules

PACKAGE: Final = ROOT / "src" / "convokit"

ALLOWED: Final[dict[str, frozenset[str]]] = {
    module: frozenset(names.split())
    for module, names in {
        "__future__": "annotations",
        "attrs": "evolve field frozen",
        "base64": "b64decode urlsafe_b64encode",
        "binascii": "Error",
        "bisect": "bisect_right",
        "collections.abc": "Collection Iterable Iterator Mapping Sequence",
        "dateutil.relativedelta": "relativedelta",
        "datetime": "UTC date datetime time timedelta",
        "decimal": "Decimal",
        "enum": "IntEnum",
        "functools": "lru_cache",
        "hashlib": "sha256",
        "itertools": "chain groupby islice",
        "json": "dumps loads",
        "phonenumbers": "NumberParseException PhoneNumberFormat SUPPORTED_REGIONS ValidationResult format_number "
        "is_possible_number_with_reason is_valid_number number_type parse region_code_for_number",
        "re": "ASCII Match Pattern compile escape",
        "types": "MappingProxyType",
        "typing": "TYPE_CHECKING ClassVar Final Generic Literal NamedTuple TypeVar assert_never cast get_args",
        "unicodedata": "category combining decimal normalize",
        "zoneinfo": "ZoneInfo",
    }.items()
}
"""What of other people's modules the core may import or name. A line more is a decision, not a formality."""

ONE_DOOR: Final = {"phonenumbers": "domain/phone.py", "dateutil.relativedelta": "domain/reminders.py"}

ALLOWED_BUILTINS: Final = frozenset(
    """Exception KeyError OSError OverflowError RecursionError TypeError ValueError
    all any bool bytes dict enumerate filter float frozenset getattr int isinstance len list map max min next object
    property range reversed set sorted staticmethod str sum super tuple type zip""".split()
)
"""Not ``open``, ``input``, ``print``, ``eval``, ``__import__``; nor ``hash`` and ``id``, which differ by process."""

ALLOWED_DUNDERS: Final = frozenset({"__all__", "__init__", "__name__"})
"""Others (``__globals__``, ``__builtins__``, ``__subclasses__``) are ways around this file."""

COPIES: Final = {"domain/changed.py": frozenset({"__dict__", "__new__"})}
"""A copy of a frozen value is made in one place, by what no other file may touch."""

CLOCKS: Final = frozenset({"now", "today", "utcnow"})
"""Of types that are allowed."""


class Impurities:
    """What one core file reaches for and may not."""

    def __init__(self, source: str, where: str) -> None:
        self._tree = ast.parse(source)
        self._where = where
        self._dunders = ALLOWED_DUNDERS | COPIES.get(where, frozenset())
        self._modules: dict[str, str] = {}
        self._own_modules: set[str] = set()
        self._called = {node.func for node in ast.walk(self._tree) if isinstance(node, ast.Call)}

    def found(self) -> list[str]:
        """Every impurity with its line."""
        nodes = sorted((node for node in ast.walk(self._tree) if hasattr(node, "lineno")), key=_line)
        imports = [f"line {_line(node)}: {what}" for node in nodes for what in self._imported(node)]
        return imports + [f"line {_line(node)}: {what}" for node in nodes for what in self._used(node)]

    def _imported(self, node: ast.AST) -> Iterator[str]:
        match node:
            case ast.Import(names=names):
                for name in names:
                    yield from self._module(name.name)
                    self._modules[name.asname or name.name] = name.name
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from self._names(module, [name.name for name in names])
                if module.partition(".")[0] == "convokit":
                    self._own_modules |= {name.asname or name.name for name in names}
            case ast.ImportFrom():
                yield "relative import"

    def _module(self, module: str) -> Iterator[str]:
        if module not in ALLOWED or ONE_DOOR.get(module, self._where) != self._where:
            yield f"import {module}"

    def _names(self, module: str, names: list[str]) -> Iterator[str]:
        floors = module.split(".")
        if floors[0] != "convokit":
            yield from self._module(module)
            yield from (f"{module}.{name}" for name in names if name not in ALLOWED.get(module, names))
            return
        below = floors[1:2] or names
        yield from (f"import convokit.{floor}" for floor in below if floor not in CORE)
        # A module that another core file imported is not to be had from there.
        yield from (f"{module}.{name}" for name in names if name == "*" or name in sys.stdlib_module_names)

    def _used(self, node: ast.AST) -> Iterator[str]:
        match node:
            case ast.Global(names=names):
                yield f"global {', '.join(names)}"
            case ast.Name(id=name) if _is_dunder(name) and name not in ALLOWED_DUNDERS:
                yield name
            case ast.Name(id="getattr") if node not in self._called:
                yield "getattr"
            case ast.Name(id=name, ctx=ast.Load()) if name in dir(builtins) and name not in ALLOWED_BUILTINS:
                yield name
            case ast.Call(func=ast.Name(id="getattr"), args=[of, name, *_]) if not _is_own_field(of, name):
                yield "getattr"
            case ast.Call(func=ast.Attribute(attr="astimezone"), args=[], keywords=[]):
                yield ".astimezone() to the machine's zone"
            case ast.Attribute(value=value, attr=name):
                yield from self._attribute(value, name)

    def _attribute(self, value: ast.expr, name: str) -> Iterator[str]:
        if name in CLOCKS or (_is_dunder(name) and name not in self._dunders):
            yield f".{name}"
        base = value.id if isinstance(value, ast.Name) else ""
        module = self._modules.get(base)
        if module is not None and name not in ALLOWED.get(module, frozenset()):
            yield f"{module}.{name}"
        if base in self._own_modules and name in sys.stdlib_module_names:
            yield f"{base}.{name}"


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _is_own_field(of: ast.expr, name: ast.expr) -> bool:
    """Whether this is ``getattr(self, name)``: a value may look at its own fields, by names that it has as words."""
    return isinstance(of, ast.Name) and of.id == "self" and isinstance(name, ast.Name)


def impurities(package: Path, where: str) -> list[str]:
    return Impurities((package / where).read_text(encoding="utf-8"), where).found()


@pytest.mark.parametrize("where", [module.relative_to(PACKAGE).as_posix() for module in core_modules()])
def test_the_core_is_pure(where: str) -> None:
    assert impurities(PACKAGE, where) == []


INJECTIONS: Final = [
    ("import codecs\nCODES = codecs.open('/etc/hosts').read()", ["import codecs", "codecs.open"]),
    ("import linecache", ["import linecache"]),
    ("import posix", ["import posix"]),
    ("import timeit", ["import timeit"]),
    ("import urllib.request", ["import urllib.request"]),
    ("from urllib import request", ["import urllib"]),
    ("import zipfile as z", ["import zipfile"]),
    ("def ask() -> str:\n    return input()", ["input"]),
    ("def read() -> str:\n    return open('/etc/hosts').read()", ["open"]),
    ("READER = open", ["open"]),
    ("print(1)", ["print"]),
    ("eval('1')", ["eval"]),
    ("exec('1')", ["exec"]),
    ("compile('1', '', 'eval')", ["compile"]),
    ("breakpoint()", ["breakpoint"]),
    ("globals()['x'] = 1", ["globals"]),
    ("vars()", ["vars"]),
    ("hash('x')", ["hash"]),
    ("__import__('time').time()", ["__import__"]),
    ("__builtins__['open']", ["__builtins__"]),
    ("__loader__.load_module('time')", ["__loader__"]),
    ("object.__subclasses__()", [".__subclasses__"]),
    ("(lambda: 0).__globals__", [".__globals__"]),
    ("def late() -> None:\n    import threading", ["import threading"]),
    ("if Final:\n    from time import time", ["import time"]),
    ("from os import *", ["import os"]),
    ("import random as r\nr.random()", ["import random", "random.random"]),
    ("from datetime import datetime\nNOW = datetime.now()", [".now"]),
    ("from datetime import datetime\nclock = datetime.now", [".now"]),
    ("from datetime import date\nDAY = date.today()", [".today"]),
    ("import datetime\nNOW = datetime.datetime.utcnow()", [".utcnow"]),
    ("from datetime import datetime\nNOW = getattr(datetime, 'now')()", ["getattr"]),
    ("def f(self):\n    return getattr(self, '__cla' + 'ss__')", ["getattr"]),
    ("reach = getattr", ["getattr"]),
    ("def here(when):\n    return when.astimezone()", [".astimezone() to the machine's zone"]),
    ("import json\njson.load", ["json.load"]),
    ("import json\njson.codecs.open('x')", ["json.codecs"]),
    ("import re as r\nr.enum.sys", ["re.enum"]),
    ("from hashlib import file_digest", ["hashlib.file_digest"]),
    ("from typing import get_type_hints", ["typing.get_type_hints"]),
    ("import phonenumbers", ["import phonenumbers"]),
    ("from dateutil.relativedelta import relativedelta", ["import dateutil.relativedelta"]),
    ("import pluggy", ["import pluggy"]),
    ("from convokit.runtime import steps", ["import convokit.runtime"]),
    ("from convokit import stores", ["import convokit.stores"]),
    ("import convokit.domain.inbox", ["import convokit.domain.inbox"]),
    ("from convokit.domain.inbox import json", ["convokit.domain.inbox.json"]),
    ("from convokit.domain import inbox\ninbox.json.load", ["inbox.json"]),
    ("from . import rules", ["relative import"]),
    ("def count() -> None:\n    global total\n    total = 1", ["global total"]),
]


@pytest.mark.parametrize(("lines", "found"), INJECTIONS, ids=[ascii(lines) for lines, _ in INJECTIONS])
def test_an_impurity_in_a_copy_is_named(tmp_path: Path, lines: str, found: list[str]) -> None:
    spoilt = tmp_path / "domain" / "urgency.py"
    spoilt.parent.mkdir()
    shutil.copy(PACKAGE / "domain" / "urgency.py", spoilt)
    assert impurities(tmp_path, "domain/urgency.py") == []
    spoilt.write_text(spoilt.read_text(encoding="utf-8") + f"\n{lines}\n", encoding="utf-8")
    assert [what.partition(": ")[2] for what in impurities(tmp_path, "domain/urgency.py")] == found


def test_what_is_allowed_is_used() -> None:
    """A name that nobody needs any more goes off the list."""
    words = {
        name
        for module in core_modules()
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        for name in (getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "name", None))
    }
    allowed = ALLOWED_BUILTINS | frozenset().union(*ALLOWED.values())
    assert allowed <= words


def test_every_other_module_of_the_standard_library_is_forbidden_to_import_linter() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (pure_core,) = (contract for contract in settings["contracts"] if contract["id"] == "pure-core")
    public = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    allowed = {module.partition(".")[0] for module in ALLOWED}
    assert public - allowed - set(pure_core["forbidden_modules"]) == set()
    assert allowed.isdisjoint(pure_core["forbidden_modules"])


def test_there_is_a_core_to_check() -> None:
    folders = {module.relative_to(PACKAGE).parts[0] for module in core_modules()}
    assert folders == {"errors.py", "domain", "outcomes.py", "facts", "effects.py", "decisions"}
