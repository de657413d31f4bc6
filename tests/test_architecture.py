"""What a newcomer could break by accident. Each failure message says what to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from procurement import stages
from procurement.infra.outbox import Handlers
from procurement.settings import asset

SRC = Path(__file__).parents[1] / "src" / "procurement"
STAGES = sorted(path.name for path in SRC.iterdir() if (path / "service").is_dir() or (path / "service.py").exists())
OPEN_TO_ALL = {
    "holders.rosters.freeze": "an inner step of publishing a tender",
    "identity.delegations.end_with": "an inner step of leaving, and of losing a role",
    "identity.erasing.erase": "an inner step of closing one's own account",
    "identity.invitations.begin": "an inner step of inviting",
    "identity.memberships.begin": "an inner step of registering, inviting and granting",
    "identity.memberships.finish": "an inner step of leaving, losing a role and merging",
    "identity.passkeys.add": "asks in second_factor.must_have_been_shown",
    "identity.passkeys.remove": "asks in second_factor.must_have_been_shown",
    "identity.registry.add": "an inner step of registering",
    "notices.delivering.deliver": "called by the handlers of facts alone, for whom nobody asks",
    "notices.delivering.deliver_apart": "called by the handlers of facts alone, for whom nobody asks",
    "payments.claiming.carry_out": "an inner step of asking, releasing and approving",
    "payments.releasing.withdraw": "an inner step of cancelling and releasing",
    "payments.stopping.fail": "an inner step of telling that it failed, and of a dispute",
    "payments.stopping.refuse": "an inner step of refusing, and of a dispute",
    "retention.erasing.erase_next": "the worker's job: no route leads there",
    "opening.codes.confirm_codes": "asks in _must_hold_codes",
}


def modules(stage: str) -> Iterator[Path]:
    folder = SRC / stage / "service"
    yield from sorted(folder.glob("*.py")) if folder.is_dir() else [SRC / stage / "service.py"]


def commands() -> Iterator[tuple[str, ast.AsyncFunctionDef]]:
    """Every function of a service that records a fact itself."""
    for stage in STAGES:
        for module in modules(stage):
            for node in ast.parse(module.read_text()).body:
                if isinstance(node, ast.AsyncFunctionDef) and _calls(node, "record"):
                    yield f"{stage}.{module.stem}.{node.name}", node


def _calls(node: ast.AST, name: str) -> list[int]:
    """The lines on which `something.name(...)` is called."""
    calls = [n for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    return [call.lineno for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == name]


def _writes(node: ast.AST) -> list[int]:
    return sorted(_calls(node, "record") + _calls(node, "add") + _calls(node, "add_all"))


@pytest.mark.parametrize(("name", "node"), [pytest.param(*one, id=one[0]) for one in commands()])
def test_whoever_records_a_fact_first_asks_who_may(name: str, node: ast.AsyncFunctionDef) -> None:
    if name in OPEN_TO_ALL or node.name.startswith("_"):
        return
    asks = _calls(node, "must") + _calls(node, "must_be_somebody") + _calls(node, "must_be_stepped_up")
    assert asks, f"{name} records a fact: call tx.actor.must(P.…, of=…) after loading the object"
    assert min(asks) < _writes(node)[0], f"{name} writes before it asks: move tx.actor.must up"


def test_no_exemption_outlives_its_function() -> None:
    assert set(OPEN_TO_ALL) <= {name for name, _ in commands()}, "remove what is no longer there from OPEN_TO_ALL"


def test_tables_are_private_to_their_stage() -> None:
    graph = grimp.build_graph("procurement", cache_dir=None)
    for module in sorted(m for m in graph.modules if m.endswith("tables")):
        stage = module.rsplit(".", 1)[0]
        outsiders = {m for m in graph.find_modules_that_directly_import(module) if not m.startswith(stage)}
        outsiders -= {"procurement.infra.sweep"} if stage == "procurement.infra.ledger" else set()  # the same floor
        assert not outsiders, f"{module} is imported by {sorted(outsiders)}: use {stage}.service"


def test_every_handler_is_plugged_in() -> None:
    written = set()
    for stage in (*STAGES, "infra"):
        for file in (SRC / stage).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.AsyncFunctionDef) and any(_is_handler(d) for d in node.decorator_list):
                    written.add(f"{stage}.{node.name}")
    assert written == set(Handlers(stages.HANDLERS).by_topic), "list every handler in stages.HANDLERS"


def _is_handler(decorator: ast.expr) -> bool:
    name = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(name, ast.Name) and name.id in {"handles", "task"}


def test_no_rulebook_and_no_country_is_named_in_the_program() -> None:
    names = re.compile(r"marrow(?!\.example)|model-law|uncitral model|\bGermany\b|\bFrance\b|\bUkraine\b", re.I)
    named = [
        f"{file.relative_to(SRC)}: {line.strip()}"
        for file in SRC.rglob("*.py")
        if "demo" not in file.parts and "tour" not in file.parts
        for line in file.read_text().splitlines()
        if names.search(line) and not line.strip().startswith("#") and '"""' not in line and "article" not in line
    ]
    expected = ['settings.py: ocid_prefix: str = "ocds-xmarrow"']
    assert named == expected, "rules and countries are data: move it to fixtures/"


def test_migrations_are_numbered_and_have_one_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(asset("migrations")))
    scripts = ScriptDirectory.from_config(config)
    revisions = sorted(script.revision for script in scripts.walk_revisions())
    assert revisions == [f"{number:04}" for number in range(1, len(revisions) + 1)], "number migrations 0001, 0002, …"
    assert scripts.get_heads() == [revisions[-1]], "give the new migration the last one as down_revision"


def test_files_stay_small() -> None:
    long = {
        str(file.relative_to(SRC)): count
        for file in SRC.rglob("*.py")
        if (count := len(file.read_text().splitlines())) > 300
    }
    assert not long, f"split into a package of the same name: {long}"
