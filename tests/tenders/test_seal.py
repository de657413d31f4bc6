"""The seal of a tender: at least what the rulebook asks, with holders who all signed and proved; final once public."""

import httpx
import pytest
from holding import KeyHolder, confirmed, sign
from tendering import MODEL_LAW, Keys, Town, complete_draft, enforce, open_tender, program, refused, visitor

from procurement.holders import service as holders
from procurement.identity import service as identity
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY, system
from procurement.kernel.refusal import Refused
from procurement.rulebooks.rules import read
from procurement.tenders import service

pytestmark = pytest.mark.anyio
SEALS = b'[[seals]]\nlevel = "S1"\n'
RAISED = MODEL_LAW.replace(
    SEALS, b'[[seals]]\nlevel = "S1"\nup_to = "100000"\nsource = "default"\n\n'
    b'[[seals]]\nlevel = "S2"\nquorum = { open = 2, members = 3 }\n',
).replace(b"version = 2", b"version = 3")  # fmt: skip


@pytest.fixture
async def three(database: Database, town: Town) -> list[KeyHolder]:
    async with database.begin(system("setup")) as tx:
        court = await identity.create_organisation(tx, name="Audit Court", kind="oversight", country="XM")
    return await confirmed(database, [town.city, town.city, court])


async def _draft(database: Database, town: Town) -> str:
    async with database.begin(town.olga) as tx:
        return await complete_draft(tx)


async def _choose(
    database: Database, town: Town, tender: str, level: str, members: list[KeyHolder], m: int = 2
) -> None:
    async with database.begin(town.olga) as tx:
        await service.choose_seal(tx, tender, level, m, [one.id for one in members])  # type: ignore[arg-type]


async def _submit(database: Database, town: Town, keys: Keys, tender: str) -> None:
    async with database.begin(town.olga) as tx:
        await service.submit(tx, keys, tender)  # type: ignore[arg-type]  # a keyholder as the town has one


def test_a_rulebook_asks_for_a_level_and_a_quorum_that_can_be() -> None:
    rules = read(RAISED)
    assert [(one.level, one.quorum and one.quorum.members) for one in rules.seals] == [("S1", None), ("S2", 3)]
    for wrong in (
        RAISED.replace(b"open = 2", b"open = 4"),
        RAISED.replace(b"members = 3", b"members = 16"),
        RAISED.replace(b"open = 2", b"open = 1"),
        RAISED.replace(b'level = "S1"', b'level = "S3"'),
    ):
        with pytest.raises(Refused) as no:
            read(wrong)
        assert no.value.code == "rulebook-invalid"


async def test_without_key_holders_nothing_changes(database: Database, town: Town) -> None:
    tender = await open_tender(database, town)
    async with database.begin(NOBODY) as tx:
        assert (await service.tender(tx, tender)).seal_level == "S1"
        assert await service.roster(tx, tender) is None


async def test_nothing_is_published_before_every_holder_signed_and_then_the_roster_is_final(
    database: Database, town: Town, keys: Keys, three: list[KeyHolder]
) -> None:
    tender = await _draft(database, town)
    await _choose(database, town, tender, "S3", three)
    await _submit(database, town, keys, tender)
    for one in three[:2]:
        await sign(database, one, tender)
    with pytest.raises(Refused, match=f"{three[2].office} has to sign") as no:
        async with database.begin(town.pia) as tx:
            await service.approve(tx, keys, tender)  # type: ignore[arg-type]
    assert no.value.code == "key-holders-missing" and not keys.bound
    await sign(database, three[2], tender)
    async with database.begin(town.pia) as tx:
        fact = await service.approve(tx, keys, tender)  # type: ignore[arg-type]
    assert fact.seal_level == "S3" and keys.bound
    async with database.begin(NOBODY) as tx:
        chosen = await service.roster(tx, tender)
    assert chosen and chosen.frozen_at and chosen.opening_at == fact.opening_at
    again = lambda tx: service.choose_seal(tx, tender, "S1", 2, [])  # noqa: E731  # one line, used once
    assert await refused(database, town.olga, again) == "not-a-draft"


async def test_the_rulebook_s_level_and_quorum_are_the_least(
    database: Database, town: Town, keys: Keys, three: list[KeyHolder]
) -> None:
    await enforce(database, town, RAISED)
    tender = await _draft(database, town)
    submitting = lambda tx: service.submit(tx, keys, tender)  # noqa: E731  # used twice below
    assert await refused(database, town.olga, submitting) == "tender-incomplete"
    for level, members, m, field in (
        ("S1", [], 2, "level"),
        ("S2", three[:2], 2, "holders"),
        ("S2", three, 4, "quorum"),
        ("S2", [], 2, "holders"),
    ):
        with pytest.raises(Refused) as no:
            await _choose(database, town, tender, level, members, m)
        assert list(no.value.fields) == [field]
    await _choose(database, town, tender, "S2", three)
    await _submit(database, town, keys, tender)


async def test_level_three_needs_an_outsider(database: Database, town: Town, three: list[KeyHolder]) -> None:
    tender = await _draft(database, town)
    with pytest.raises(Refused) as no:
        await _choose(database, town, tender, "S3", three[:2])
    assert "another organisation" in no.value.fields["holders"]


async def test_a_key_that_ended_before_publication_has_to_be_replaced(
    database: Database, town: Town, keys: Keys, three: list[KeyHolder]
) -> None:
    tender = await _draft(database, town)
    await _choose(database, town, tender, "S2", three)
    for one in three:
        await sign(database, one, tender)
    async with database.begin(three[0].actor) as tx:
        await holders.end(tx, three[0].id, "The file is lost.")
    submitting = lambda tx: service.submit(tx, keys, tender)  # noqa: E731  # one line, used once
    assert await refused(database, town.olga, submitting) == "tender-incomplete"


async def test_the_moment_of_the_opening_moves_with_the_deadline_and_a_cancelled_tender_asks_nobody(
    database: Database, town: Town, keys: Keys, three: list[KeyHolder]
) -> None:
    tender = await sealed_tender(database, town, keys, three)
    async with database.begin(town.olga) as tx:
        deadline = (await service.tender(tx, tender)).deadline
        assert deadline
        await service.propose_extension(tx, tender, deadline.replace(year=deadline.year + 1), "More time is needed.")
    async with database.begin(town.pia) as tx:
        await service.approve_extension(tx, keys, tender)  # type: ignore[arg-type]
        chosen = await holders.roster(tx, tender)
        assert chosen and chosen.opening_at == (await service.tender(tx, tender)).opening_at > deadline  # type: ignore[operator]
        await holders.finish(tx, tender)
    async with database.begin(three[0].actor) as tx:
        assert await holders.own_rosters(tx) == []


async def sealed_tender(database: Database, town: Town, keys: Keys, three: list[KeyHolder]) -> str:
    tender = await _draft(database, town)
    await _choose(database, town, tender, "S2", three)
    for one in three:
        await sign(database, one, tender)
    await _submit(database, town, keys, tender)
    async with database.begin(town.pia) as tx:
        await service.approve(tx, keys, tender)  # type: ignore[arg-type]
    return tender


async def test_programs_choose_and_anybody_reads_what_is_public(
    database: Database, client: httpx.AsyncClient, town: Town, keys: Keys, three: list[KeyHolder]
) -> None:
    tender = await _draft(database, town)
    path = f"/api/v1/tenders/{tender}/roster"
    ours = await program(database, client, town.olga)
    assert (await ours.get(path)).json()["type"].endswith("roster-unknown")
    chosen = {"level": "S2", "m": 2, "holders": [one.id for one in three]}
    assert (await ours.put(path, json=chosen)).status_code == 204
    assert (await client.get(path)).status_code == 404, "nobody else learns that there is a draft"
    seen = (await ours.get(path)).json()
    assert [one["id"] for one in seen["holders"]] == chosen["holders"] and seen["signatures"] == {}


async def test_the_officer_chooses_on_a_page_that_says_who_is_missing(
    database: Database, client: httpx.AsyncClient, town: Town, three: list[KeyHolder]
) -> None:
    tender = await _draft(database, town)
    olga = await visitor(database, client, town.olga)
    page = f"/tenders/{tender}/draft/seal"
    sent = await olga.send(page, level="S2", quorum="2", holders=[one.id for one in three])
    assert sent.status_code == 303
    await sign(database, three[0], tender)
    words = (await olga.get(page)).text
    assert f"{three[0].office} has to sign" not in words and f"{three[1].office} has to sign" in words
    assert "Choose at least 2" in (await olga.send(page, level="S2", quorum="2", holders=[])).text
