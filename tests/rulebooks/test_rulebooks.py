"""Rulebooks: read strictly, kept as they were hashed, put in force by two people."""

import httpx
import pytest
from msgspec.structs import replace
from tendering import MODEL_LAW, Town, enforce, program, refused, settle_town, visitor

from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.rulebooks import rules, service

VALUE = Money(124_000_000, "EUR")
SECOND = MODEL_LAW.replace(b"version = 2", b"version = 3")
BINDS = 'starts = "deadline"\ncount = { length = 90 }'


def changed(old: str, new: str) -> bytes:
    assert old.encode() in MODEL_LAW
    return MODEL_LAW.replace(old.encode(), new.encode(), 1)


def sources(value: object, path: str = "") -> list[tuple[str, str]]:
    """Every `source` in a rulebook with the place where it stands."""
    if isinstance(value, dict):
        return [pair for key, part in value.items() for pair in sources(part, f"{path}.{key}")]
    if isinstance(value, list | tuple):
        return [pair for part in value for pair in sources(part, path)]
    return [(path, str(value))] if path.endswith(".source") else []


def test_every_number_of_the_model_law_names_its_article_or_is_a_default() -> None:
    import tomllib

    found = sources(tomllib.loads(MODEL_LAW.decode()))
    assert len(found) >= 15
    assert all(source == "default" or source.startswith("article ") for _, source in found), found


def test_a_rulebook_is_named_by_its_bytes() -> None:
    rulebook = rules.read(MODEL_LAW)
    assert rulebook.sha256 == sha256_hex(MODEL_LAW)
    assert rulebook.id == f"model-law@2:{rulebook.sha256[:12]}"
    assert rules.read(MODEL_LAW + b"\n").id != rulebook.id


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"name = [", "not a rulebook"),
        (b"\xff\xfe", "not a rulebook"),
        (changed('[opening]\n', '[opening]\nsurprise = 1\n'), "surprise"),
        (changed('source = "article 28(1)"', 'source = ""'), "source"),
        (changed('time_zone = "UTC"', 'time_zone = "Mars/Olympus"'), "Mars/Olympus"),
        (changed("length = 15", "length = -1"), "period"),
        (changed("version = 2", "version = 0"), "version"),
        (changed('level = "S1"', 'level = "S1"\nup_to = "1000"'), "only the last has no ceiling"),
        (changed('below_mean = "0.30"', 'below_mean = "30"'), "A share"),
        (changed('starts = "award-announced"', 'starts = "deadline"'), "standstill"),
        (changed('version = 2', 'version = 2\nid = "mine"'), "own id"),
        (changed('greatest_share = "0.02"', 'greatest_share = "2"'), "A share"),
        (changed('most = "20000"', 'most = "0"'), "more than nothing"),
        (changed('least = "50"', 'least = "2001"'), "not more than its most"),
        (changed(BINDS, BINDS.replace("deadline", "published")), "stays valid"),
        (changed('round_up_to = "10"', 'round_up_to = "0"'), "rounded up"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_rulebook_says_where_it_is_wrong(text: bytes, words: str) -> None:
    with pytest.raises(Refused) as no:
        rules.read(text)
    assert (no.value.code, no.value.status) == ("rulebook-invalid", 422)
    assert words in no.value.detail


def test_seal_levels_rise_with_the_value() -> None:
    levels = '[[seals]]\nlevel = "S1"\nup_to = "1000"\nsource = "default"\n\n[[seals]]\nlevel = "S2"'
    rulebook = rules.read(changed('[[seals]]\nlevel = "S1"', levels))
    assert rulebook.seal_level(Money(100_000, "EUR")) == "S1"
    assert rulebook.seal_level(Money(100_001, "EUR")) == "S2"
    assert rules.read(MODEL_LAW).seal_level(VALUE) == "S1"


def test_a_second_person_is_needed_above_the_threshold_only() -> None:
    rulebook = rules.read(changed('[approvals.publication]\nabove = "0"', '[approvals.publication]\nabove = "1240000"'))
    assert not rulebook.approvals.publication.needed(VALUE)
    assert rulebook.approvals.publication.needed(VALUE + Money(1, "EUR"))
    assert rulebook.approvals.award.needed(Money(0, "EUR"))


def test_a_deposit_is_bounded_by_its_share_and_its_most() -> None:
    deposit = rules.read(MODEL_LAW).deposit
    assert deposit
    assert deposit.greatest(Money(4_999_999, "EUR")) == Money(99_999, "EUR")  # 999.9999.. is never rounded up
    assert deposit.greatest(VALUE) == Money(2_000_000, "EUR")
    assert replace(deposit, most=None).greatest(VALUE) == Money(2_480_000, "EUR")


def test_a_rulebook_that_says_nothing_of_deposits_and_fees_allows_none() -> None:
    silent = rules.read(MODEL_LAW[: MODEL_LAW.index(b"[deposit]")])
    assert (silent.deposit, silent.challenge_fee) == (None, None)


@pytest.fixture
async def town(database: Database) -> Town:
    return await settle_town(database)


@pytest.mark.anyio
async def test_loading_twice_changes_nothing_and_another_content_needs_another_version(
    database: Database, town: Town
) -> None:
    async with database.begin(town.ada) as tx:
        first, second = await service.load(tx, MODEL_LAW), await service.load(tx, MODEL_LAW)
        assert first == second
        assert len(await service.every(tx)) == 1
        assert await service.source_text(tx, first.id) == MODEL_LAW
    assert await refused(database, town.ada, lambda tx: service.load(tx, MODEL_LAW + b"\n")) == "rulebook-changed"


@pytest.mark.anyio
async def test_one_administrator_proposes_another_activates(database: Database, town: Town) -> None:
    async with database.begin(town.ada) as tx:
        second = (await service.load(tx, SECOND)).id
    assert await refused(database, town.ada, lambda tx: service.activate(tx, second)) == "not-proposed"
    async with database.begin(town.ada) as tx:
        await service.propose(tx, second)
        assert (await service.active(tx)).version == 2
    assert await refused(database, town.ada, lambda tx: service.activate(tx, second)) == "same-person"
    assert await refused(database, town.abel, lambda tx: service.propose(tx, second)) == "already-proposed"
    async with database.begin(town.abel) as tx:
        await service.activate(tx, second)
        assert (await service.active(tx)).version == 3
        states = {listed.version: listed.state for listed in await service.every(tx)}
    assert states == {2: "was-in-force", 3: "in-force"}
    assert await refused(database, town.ada, lambda tx: service.propose(tx, second)) == "already-active"


@pytest.mark.anyio
async def test_an_earlier_rulebook_can_come_back(database: Database, town: Town) -> None:
    await enforce(database, town, SECOND)
    await enforce(database, town, MODEL_LAW)
    async with database.begin(NOBODY) as tx:
        assert (await service.active(tx)).version == 2


@pytest.mark.anyio
async def test_a_law_is_not_activated_before_it_is_in_force(database: Database, town: Town) -> None:
    future = SECOND.replace(b"in_force = 2012-01-16", b"in_force = 2112-01-16")
    async with database.begin(town.ada) as tx:
        rulebook = (await service.load(tx, future)).id
        await service.propose(tx, rulebook)
    assert await refused(database, town.abel, lambda tx: service.activate(tx, rulebook)) == "rulebook-not-in-force"


@pytest.mark.anyio
async def test_only_administrators_touch_rulebooks(database: Database, town: Town) -> None:
    for actor, code in ((town.olga, "not-permitted"), (town.audun, "not-permitted"), (NOBODY, "sign-in-needed")):
        assert await refused(database, actor, lambda tx: service.load(tx, SECOND)) == code
        assert await refused(database, actor, lambda tx: service.propose(tx, "x")) == code
        assert await refused(database, actor, lambda tx: service.activate(tx, "x")) == code
    assert await refused(database, town.ada, lambda tx: service.propose(tx, "x")) == "rulebook-unknown"


@pytest.mark.anyio
async def test_without_a_rulebook_in_force_there_is_none(database: Database) -> None:
    assert await refused(database, NOBODY, service.active) == "rulebook-missing"


@pytest.mark.anyio
async def test_everybody_reads_and_two_administrators_decide_in_the_browser(
    database: Database, client: httpx.AsyncClient, town: Town
) -> None:
    nobody, ada, abel = [await visitor(database, client, one) for one in (None, town.ada, town.abel)]
    async with database.begin(town.ada) as tx:
        second = (await service.load(tx, SECOND)).id
    assert "Generic rules" in (await nobody.get("/rulebooks")).text
    page = f"/rulebooks/{second}"
    text = (await nobody.get(page)).text
    assert "article 42(1)" in text
    assert "Propose" not in text
    assert (await nobody.get(f"{page}/file")).content == SECOND
    assert (await ada.send(page, f"{page}/propose")).status_code == 303
    own = await ada.send(page, f"{page}/activate")
    assert (own.status_code, "A second person" in own.text) == (403, True)
    assert (await abel.send(page, f"{page}/activate")).status_code == 303
    again = await abel.send(page, f"{page}/activate")
    assert (again.status_code, "proposes a rulebook first" in again.text) == (409, True)
    assert (await nobody.get("/rulebooks/none@1:0")).status_code == 404


@pytest.mark.anyio
async def test_programs_read_and_decide_too(database: Database, client: httpx.AsyncClient, town: Town) -> None:
    async with database.begin(town.ada) as tx:
        second = (await service.load(tx, SECOND)).id
    ada, abel = await program(database, client, town.ada), await program(database, client, town.abel)
    address = f"/api/v1/rulebooks/{second}"
    assert (await ada.post(f"{address}/propose")).status_code == 204
    assert (await abel.post(f"{address}/activate")).status_code == 204
    assert (await client.get(address)).json()["periods"]["standstill"]["count"]["length"] == 10
    listed = (await client.get("/api/v1/rulebooks")).json()
    assert [(one["version"], one["state"]) for one in listed] == [(3, "in-force"), (2, "was-in-force")]
    assert (await client.post(f"{address}/propose")).status_code == 401
