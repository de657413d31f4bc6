"""The service notices a keyholder that came back from an older copy, tells it again what it forgot, and goes on after
its staff confirmed the times."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from doubling import facts
from opening_day import Day
from rewinding import Machine, confirm, remember
from tendering import SETUP

from procurement.infra.doctor import neighbours
from procurement.infra.doctor.finding import State
from procurement.infra.status import measures
from procurement.kernel.refusal import Refused
from procurement.keyholder.backup import STORE
from procurement.keyholder.rules import ENDING_STANDS
from procurement.opening import jobs, service
from procurement.opening.service import each
from procurement.opening.service.ending import end_keys
from procurement.settings import Settings
from procurement.tenders import service as tenders

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio


async def told_the_time(day: Day, advance: "Advance") -> None:
    """As the worker does within a second: legal time stays, the keyholder's follows."""
    async with day.database.begin(SETUP) as tx:
        now = tx.now
    await day.move_to(now + timedelta(seconds=1), advance)


async def problem(day: Day) -> str:
    async with day.database.begin(each.OPENER) as tx:
        held = await service.opening(tx, day.tender_id)
    assert held
    return held.problem


async def test_a_later_deadline_that_it_forgot_is_told_again_and_nothing_opens_before_it_is_confirmed(
    rewound: Day, machine: Machine, advance: "Advance", settings: Settings,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    old, before = machine.snapshot(), await rewound.tender()
    assert before.deadline and before.opening_at
    async with rewound.as_(rewound.town.olga) as tx:
        await tenders.propose_extension(
            tx, rewound.tender_id, before.deadline + timedelta(days=30), "Many questions came."
        )
    async with rewound.as_(rewound.town.pia) as tx:
        await tenders.approve_extension(tx, rewound.keyholder, rewound.tender_id)
    later = (await rewound.tender()).opening_at
    assert later
    await remember(rewound)
    machine.put_back(old)
    await told_the_time(rewound, advance)
    await remember(rewound)
    assert len(await facts(rewound, "KeyholderRestored")) == 1
    assert not await measures._opens(rewound.keyholder), "the status page says so too"
    found = await neighbours.keyholder(msgspec.structs.replace(settings, keyholder_socket=str(machine.socket)))
    assert any(one.state is State.BROKEN and "--restored" in one.text for one in found)
    await rewound.close_bidding(advance)
    with pytest.raises(Refused) as no:
        await rewound.request(rewound.town.olga)
    assert no.value.code == "keyholder-restored"
    shown = confirm(machine, monkeypatch, capsys)
    assert f"{rewound.tender_id} single 1 stays closed until {later:%Y-%m-%dT%H:%M}" in shown, "it was told again"
    await remember(rewound)
    await remember(rewound)
    assert len(await facts(rewound, "KeyholderConfirmed")) == len(await facts(rewound, "KeyholderRestored")) == 1
    await rewound.open()
    assert [bid.valid for bid in await rewound.opened()] == [True]


async def test_a_grant_that_it_forgot_is_asked_for_again_with_two_new_codes(
    rewound: Day, machine: Machine, advance: "Advance",
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    await rewound.close_bidding(advance)
    old = machine.snapshot()

    async def killed(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as dying:
        dying.setattr(each, "open_bid", killed)
        await rewound.open()
    await remember(rewound)
    machine.put_back(old)
    await remember(rewound)
    await rewound.sweep()
    assert "staff first has to confirm" in await problem(rewound)
    confirm(machine, monkeypatch, capsys)
    await rewound.sweep()
    assert "Two different persons" in await problem(rewound)
    await rewound.request(rewound.town.otto)
    await rewound.sweep()
    assert "Two different persons" in await problem(rewound)
    await rewound.confirm(rewound.town.pia)
    await rewound.sweep()
    await rewound.sweep()
    assert [bid.valid for bid in await rewound.opened()] == [True]
    again = await facts(rewound, "OpeningAskedAgain")
    assert [one["asked_by"] for one in again] == [rewound.town.otto.person, rewound.town.pia.person]
    assert len(await facts(rewound, "OpeningConfirmed")) == 1


async def test_codes_that_are_a_day_old_before_the_keyholder_could_act_are_given_again(
    rewound: Day, machine: Machine, advance: "Advance"
) -> None:
    await rewound.close_bidding(advance)
    await rewound.request(rewound.town.olga)
    await rewound.confirm(rewound.town.pia)
    with pytest.raises(Refused) as no:
        await rewound.request(rewound.town.otto)
    assert no.value.code == "already-opening", "it does not wait for anything"
    with sqlite3.connect(machine.store / STORE) as store:
        store.execute("UPDATE code SET at = ?", ((datetime.now(UTC) - timedelta(hours=25)).isoformat(),))
    store.close()
    await rewound.sweep()
    assert "Two different persons" in await problem(rewound)
    for actor, ask in ((rewound.town.olga, rewound.request), (rewound.town.pia, rewound.confirm)):
        await ask(actor, await rewound.code(actor, drift=1))
    await rewound.sweep()
    assert [bid.valid for bid in await rewound.opened()] == [True]


async def test_a_key_that_the_copy_brought_back_is_destroyed_once_more(
    rewound: Day, machine: Machine, advance: "Advance",
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    async def passes(by: timedelta) -> None:
        async with rewound.database.begin(SETUP) as tx:
            then = tx.now + by
        await rewound.move_to(then, advance)
        await jobs.destroy_keys(rewound.database, rewound.keyholder)

    await rewound.close_bidding(advance)
    await rewound.open()
    async with rewound.database.begin(SETUP) as tx:
        await end_keys(tx, [rewound.tender_id])
    await rewound.sequence()
    old = machine.snapshot()
    await passes(timedelta(seconds=2))
    await passes(ENDING_STANDS + timedelta(minutes=1))
    assert len(await facts(rewound, "SealKeysDestroyed")) == 1
    await remember(rewound)
    machine.put_back(old)
    await remember(rewound)
    await passes(timedelta(days=2))
    assert len(await facts(rewound, "SealKeysDestroyed")) == 1, "it counts thirty days from when it is shown the end"
    confirm(machine, monkeypatch, capsys)
    await passes(ENDING_STANDS + timedelta(minutes=1))
    assert len(await facts(rewound, "SealKeysDestroyed")) == 2
