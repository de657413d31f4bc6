"""What the pages of docs/ say is there, is there; each failure says what to write."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from routed_once import routes

from procurement import bench
from procurement.cli import main
from procurement.identity.rules import scopes
from procurement.infra.web.routes import listed
from procurement.kernel import merkle
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.cosignature import CosignerKey
from procurement.kernel.entry import entry_hash, open_entry, read_record
from procurement.kernel.fact import Visible
from procurement.kernel.permissions import P
from procurement.kernel.sealing import closing_root

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
sys.path.append(str(ROOT / "tools"))

import at_once  # noqa: E402  # a tool beside the tests
import error_codes  # noqa: E402  # another

READABLE = {
    "at once": Visible.AT_ONCE,
    "at the opening": Visible.AT_OPENING,
    "at the award": Visible.AT_AWARD,
    "parties": Visible.PARTIES,
    "never": Visible.NEVER,
}
PAGES = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]


def rows(page: str) -> Iterator[list[str]]:
    """The cells of every table row of a page."""
    for line in (DOCS / page).read_text().splitlines():
        if line.startswith("| ") and not line.startswith("|--"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def test_the_life_cycle_names_every_fact_and_when_it_can_be_read() -> None:
    said = {}
    for row in rows("life-cycle.md"):
        for name in re.findall(r"`([A-Z]\w+)`", row[3] if len(row) == 5 else ""):
            said[name] = READABLE[row[4]]
    assert said == at_once.facts(), "give each fact its row in docs/life-cycle.md, with who may read it when"


def test_the_life_cycle_names_permissions_that_exist() -> None:
    named = {name for row in rows("life-cycle.md") for name in re.findall(r"`(\w+:[\w-]+)`", " ".join(row))}
    assert named <= {str(permission) for permission in P}


def test_verifiers_know_every_type_that_is_public_at_once() -> None:
    assert at_once.MODULE.read_text() == at_once.written(), "run `make codes`"


def test_the_error_codes_are_those_of_the_program() -> None:
    page = (DOCS / "api.md").read_text()
    assert error_codes.written(page) == page, "run `make codes`"
    assert error_codes.DATA.read_text() == error_codes.data(), "run `make codes`"


def test_the_scopes_of_tokens_are_those_of_the_program() -> None:
    named = [row[0].strip("`") for row in rows("api.md") if len(row) == 2 and row[0] != "scope"]
    assert named == list(scopes.Scope)


def test_the_addresses_of_the_ledger_exist() -> None:
    known = [re.sub(r"\{[^}]+\}", "[^/]+", path) for method, path, _ in listed(routes())]
    addresses = [re.match(r"`(/ledger[^?`]*)", row[0]) for row in rows("ledger.md")]
    for address in (found[1] for found in addresses if found):
        assert any(re.fullmatch(route, address) for route in known), f"docs/ledger.md: there is no {address}"


def test_every_bench_is_explained_and_run_by_make() -> None:
    first = [row[0].strip("`") for row in rows("bench.md") if row[0].startswith("`")]
    endings = ["", *(name for name in first if name.startswith("-"))]
    named = {name + ending for name in first if not name.startswith("-") for ending in endings}
    listed = subprocess.run(["make", "-n", "bench"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    made = re.search(r"for job in (.*?);", listed)
    assert made and named == set(bench.JOBS) == set(made[1].split())


def test_the_index_leads_to_every_page() -> None:
    index = (DOCS / "index.md").read_text()
    missing = [page.name for page in DOCS.glob("*.md") if page.name != "index.md" and f"({page.name})" not in index]
    assert not missing, f"name them in docs/index.md: {missing}"


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(page.name[:4]) for page in (DOCS / "adr").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def sections(page: Path) -> set[str]:
    """The anchors of its headings, as they are made where the pages are read."""
    headings = re.findall(r"^#+ (.*)", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_sections_lead_to_one(page: Path) -> None:
    for target, section in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text()):
        other = page.parent / target if target else page
        assert section in sections(other), f"{page.name} links to {target}#{section}"


def test_the_vectors_for_other_verifiers_are_those_of_the_program() -> None:
    page = (DOCS / "verifying.md").read_text()
    salt, record = bytes(range(32)), re.search(r'^ {4}(\{"actor".*)$', page, re.MULTILINE)
    assert record and read_record(record[1].encode())
    entries = [made(salt, record[1].encode()) for made in (entry_hash, open_entry)]
    root = merkle.root(list(map(merkle.leaf_hash, entries)))
    closings = [closing_root(["22" * 32, "11" * 32]), closing_root([])]
    for value in (*entries, *map(merkle.leaf_hash, entries), root):
        assert f" {value.hex()}\n" in page
    for count, closed in closings:
        assert f"    {count}        {closed}\n" in page
    log, witness = SignerKey("log.example", bytes(32)), CosignerKey("witness.example", b"\x01" * 32)
    text = Checkpoint("log.example", 2, root).text()
    note = log.sign(text) + witness.cosign(text, datetime.fromtimestamp(1795377600, UTC))
    for line in (str(log.verifier), str(witness.verifier), *filter(None, note.split("\n"))):
        assert f"    {line}\n" in page


def test_commands_that_are_named_exist() -> None:
    known = set(main.list_commands(None)) | {name for name, one in main.commands.items() if one.hidden}  # type: ignore[arg-type]  # no context needed
    for page in PAGES:
        named = set(re.findall(r"^ {4}\S*procurement ([a-z-]+)|`procurement ([a-z-]+)", page.read_text(), re.MULTILINE))
        unknown = {name for pair in named for name in pair if name} - known
        assert not unknown, f"{page.name}: {sorted(unknown)}"
