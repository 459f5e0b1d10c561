"""The budgets of style: short functions, modules that fit in a head."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest
from tree import ROOT, package_modules

LONGEST_FUNCTION: Final = 50
USUAL_FUNCTION: Final = 25
USUAL_SHARE: Final = 0.9
LONGEST_MODULE: Final = 400

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _lines(function: Function) -> int:
    """Lines from ``def`` to the last statement, without the docstring's."""
    last = function.end_lineno or function.lineno
    first = function.body[0]
    docstring = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    hidden = (first.end_lineno or first.lineno) - first.lineno + 1 if docstring else 0
    return last - function.lineno + 1 - hidden


def _functions(module: Path) -> list[tuple[str, int]]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    where = module.relative_to(ROOT)
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    return [(f"{where}:{node.lineno} {node.name}", _lines(node)) for node in functions]


def test_docstring_lines_are_not_counted() -> None:
    tree = ast.parse('def f():\n    """One.\n\n    Two.\n    """\n    return 1\n')
    assert [_lines(node) for node in ast.walk(tree) if isinstance(node, Function)] == [2]


@pytest.mark.parametrize("module", package_modules(), ids=lambda module: str(module.relative_to(ROOT)))
def test_module_fits_in_a_head(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    too_long = [f"{name}: {lines} lines" for name, lines in _functions(module) if lines > LONGEST_FUNCTION]
    assert too_long == []


def test_nine_in_ten_functions_are_short() -> None:
    functions = [function for module in package_modules() for function in _functions(module)]
    long = [f"{name}: {lines} lines" for name, lines in functions if lines > USUAL_FUNCTION]
    assert len(long) <= (1 - USUAL_SHARE) * len(functions), "\n".join(long)
