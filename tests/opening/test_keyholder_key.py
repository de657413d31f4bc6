"""What the keyholder signs goes into notice and log, under a key that everybody sees; and so does its change."""

import shutil
from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg
import httpx
import msgspec
import pytest
from doubling import facts
from opening_day import Day
from rewinding import Machine, remember
from sqlalchemy import text
from tendering import MONTH, SETUP

from procurement.infra.doctor import ledger as doctor
from procurement.infra.doctor.finding import State
from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_key import SignedOpeningKey, must_be_bound
from procurement.kernel.sealing.opening_record import Told, must_cover
from procurement.keyholder.protocol import Opening
from procurement.settings import Settings
from procurement.tenders import service as tenders

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio


async def extend(day: Day) -> None:
    deadline = (await day.tender()).deadline
    assert deadline
    async with day.as_(day.town.olga) as tx:
        await tenders.propose_extension(tx, day.tender_id, deadline + MONTH, "Many questions came.")
    async with day.as_(day.town.pia) as tx:
        await tenders.approve_extension(tx, day.keyholder, day.tender_id)


async def told(day: Day) -> list[Told]:
    """The facts that a client reads, in order."""
    types = ("KeyPublished", "TenderPublished", "DeadlineExtended")
    found = [(type_, fact) for type_ in types for fact in await facts(day, type_)]
    return [Told(index, type_, fact) for index, (type_, fact) in enumerate(found)]


async def keys_of(day: Day) -> list[str]:
    return [one["verifier"] for one in await facts(day, "KeyPublished") if one["purpose"] == "keyholder"]


async def examined(settings: Settings, machine: Machine) -> list[tuple[State, str]]:
    found = await doctor.keyholders(msgspec.structs.replace(settings, keyholder_socket=str(machine.socket)))
    return [(one.state, one.text) for one in found]


async def test_publication_and_extension_carry_its_word_under_a_key_published_once(
    day: Day, client: httpx.AsyncClient
) -> None:
    published = await day.tender()
    assert published.opening_at and published.keyholder_key
    recipients, key = {"single": published.keyholder_recipient}, VerifierKey.parse(published.keyholder_key)
    assert must_cover(await told(day), day.tender_id, published.opening_at).key == str(key)
    await extend(day)
    later = (await day.tender()).opening_at
    assert later == published.opening_at + MONTH
    assert must_cover(await told(day), day.tender_id, later).key == str(key)
    shown = (await client.get(f"/api/v1/tenders/{day.tender_id}")).json()
    signed = msgspec.convert(shown["opening_keys"], tuple[SignedOpeningKey, ...])
    must_be_bound(signed, key, day.tender_id, recipients, later)
    assert shown["keyholder_key"] == str(key) and await keys_of(day) == [str(key)]
    assert (await client.get("/ledger/keys")).json()["keyholder"] == str(key)
    page = (await client.get(f"/tenders/{day.tender_id}")).text
    assert "The keyholder signed which key bids are sealed to" in page and "before the keyholder signed" not in page


async def test_both_envelopes_have_its_word(two: Day) -> None:
    published = await two.tender()
    assert published.opening_keys and published.opening_at
    assert [one.statement.opening.kind for one in published.opening_keys] == ["technical", "financial"]
    assert must_cover(await told(two), two.tender_id, published.opening_at).key == published.keyholder_key
    await extend(two)
    assert must_cover(await told(two), two.tender_id, published.opening_at + MONTH).key == published.keyholder_key


async def test_a_tender_of_before_says_so_in_words_and_is_covered_by_its_extension(
    day: Day, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    await owner.execute("UPDATE tender SET keyholder_key = NULL, opening_keys = NULL")
    page = (await client.get(f"/tenders/{day.tender_id}")).text
    assert "It was published before the keyholder signed" in page and "could the operator of this service" in page
    assert (await client.get(f"/api/v1/tenders/{day.tender_id}")).json()["opening_keys"] is None
    await extend(day)
    assert (await day.tender()).opening_keys


async def test_another_keyholder_is_a_new_fact_and_the_doctor_says_so(
    rewound: Day, machine: Machine, settings: Settings
) -> None:
    await remember(rewound)
    [first] = await keys_of(rewound)
    assert await examined(settings, machine) == [
        (State.OK, f"signs with the key that the log names, as its own terminal should say: {first}.")
    ]
    machine.stop()
    shutil.rmtree(machine.store)
    machine.start()
    [(state, said)] = await examined(settings, machine)
    assert state is State.BROKEN and f"the log names {first}" in said
    await remember(rewound)
    await remember(rewound)
    old, new = await keys_of(rewound)
    assert old == first != new
    [(state, said)] = await examined(settings, machine)
    assert state is State.ADVICE and first in said and new in said
    assert await facts(rewound, "KeyholderRestored") == []


async def test_another_keyholder_that_falls_silent_is_told_all_times_when_it_is_back(
    rewound: Day, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await remember(rewound)
    machine.stop()
    shutil.rmtree(machine.store)
    machine.start()
    told = list[str]()

    async def postpone(opening: Opening, not_before: datetime) -> None:
        told.append(opening.tender)
        if len(told) == 1:
            raise Refused("unavailable", "It does not answer.", status=503)

    monkeypatch.setattr(rewound.keyholder, "postpone", postpone)
    with pytest.raises(Refused):
        await remember(rewound)
    await remember(rewound)
    await remember(rewound)
    assert told == [rewound.tender_id] * 2, "again when it answers, and then no more"


async def test_a_mark_of_before_it_signed_is_forgotten_and_remembered_anew(
    rewound: Day, machine: Machine, advance: "Advance"
) -> None:
    await remember(rewound)
    async with rewound.database.begin(SETUP) as tx:
        await tx.session.execute(text("UPDATE keyholder_mark SET number = 999, mark = repeat('0', 64), signature = ''"))
    await remember(rewound)
    await remember(rewound)
    async with rewound.database.begin(SETUP) as tx:
        row = (await tx.session.execute(text("SELECT number, signature FROM keyholder_mark"))).one()
    assert row.number < 999 and row.signature
    assert await facts(rewound, "KeyholderRestored") == []
    await rewound.close_bidding(advance)
    await rewound.open()
    assert [bid.valid for bid in await rewound.opened()] == [True]
