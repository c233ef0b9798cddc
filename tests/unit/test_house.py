"""The rules of the house that a program can check: why a module exists, and how much one has to read at once."""

import ast
import statistics
from pathlib import Path

APP = Path(__file__).resolve().parents[2] / "app"
MODULES = sorted(path for path in APP.rglob("*.py") if "migrations" not in path.parts)
LONGEST_FILE, LONGEST_MEDIAN, LONGEST_TENTH = 400, 10, 35


def name(path):
    return str(path.relative_to(APP))


def function_lengths():
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.end_lineno - node.lineno + 1


def test_every_module_opens_with_the_reason_why_it_exists():
    assert [name(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_every_file_can_be_read_in_one_sitting():
    assert [name(path) for path in MODULES if len(path.read_text().splitlines()) > LONGEST_FILE] == []


def test_functions_are_short():
    lengths = list(function_lengths())
    assert statistics.median(lengths) <= LONGEST_MEDIAN
    assert statistics.quantiles(lengths, n=10)[-1] <= LONGEST_TENTH
