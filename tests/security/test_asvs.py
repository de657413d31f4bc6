"""docs/security.md names every item of the baseline, and tests that exist."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
SRC = TESTS.parent / "src" / "procurement"
PAGE = (TESTS.parent / "docs" / "security.md").read_text()
_WRITTEN = """
    1.2.1 1.2.10 2.3.1 2.3.3 2.3.4 2.3.5 2.4.1 3.3.1 3.3.3 3.4.1 3.4.2 3.4.3 3.4.4 3.4.6 3.4.7 3.4.8 3.5.1 3.6.1 4.1.3
    4.2.1 5.2.1 5.2.2 5.2.3 5.2.4 5.3.2 5.4.1 5.4.2 5.4.3 6.2.1 6.2.4 6.2.12 6.3.1 6.3.3 6.3.8 6.5.1 6.5.5 7.2.4 7.3.1
    7.3.2 7.4.1 7.4.2 7.4.3 7.5.1 7.5.2 7.5.3 8.2.1 8.2.2 8.2.3 8.3.2 8.4.1 11.1.1 11.1.2 11.2.2 11.4.2 13.2.4 13.2.5
    13.3.1 13.3.3 13.4.2 14.3.2 15.3.3 15.4.2 16.2.2 16.3.2 16.4.1 16.4.2 16.4.3 16.5.3
"""
BASELINE = _WRITTEN.split()
LITESTAR = 6  # what earlier releases of the framework got wrong


def rows() -> list[list[str]]:
    """The cells of the table of items."""
    table = PAGE.partition("## ASVS 5.0")[2]
    lines = [line for line in table.splitlines() if re.match(r"\| (\d|Litestar)", line)]
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines]


def test_every_item_of_the_baseline_is_in_the_table_once() -> None:
    items = [row[0] for row in rows()]
    assert [item for item in items if item[0].isdigit()] == BASELINE
    assert len(items) == len(BASELINE) + LITESTAR


def test_every_item_has_tests_that_exist_or_says_why_not() -> None:
    for item, _, done, *tests in rows():
        named = re.findall(r"`([\w/]+\.py)::(\w+)`", " ".join(tests))
        assert named or "Not covered yet: " in done, f"{item}: name its test, or say what is not covered yet"
        for file, function in named:
            known = {
                node.name
                for node in ast.parse((TESTS / file).read_text()).body
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            assert function in known, f"{item}: there is no {file}::{function}"


def test_every_signing_key_of_the_program_is_in_the_inventory() -> None:
    """Keys of files are made in one place, by `keys.signer`, under `keys/`."""
    found = set()
    for source in SRC.rglob("*.py"):
        found |= set(re.findall(r'signer\([^\n]*"keys" / "(\w+)"', source.read_text()))
    inventory = PAGE.partition("## Keys")[2].partition("## Scans")[0]
    assert found and all(f"`keys/{name}`" in inventory for name in found), found
