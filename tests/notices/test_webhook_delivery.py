"""Webhooks over a real connection: signed, in order, again until they arrive, and never more than that."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from standardwebhooks import Webhook as Verifier
from webhook_receiving import OK, Scene, at_once, saying, scene_of, seen, vanishing

from procurement.infra.tx import Database
from procurement.notices.rules.webhook import What
from procurement.notices.service import inbox, webhook_turns, webhooks
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def scene(settings: Settings, database: Database) -> AsyncIterator[Scene]:
    async with scene_of(settings, database) as one:
        yield one


async def test_an_event_arrives_signed_and_says_only_what_is_public(scene: Scene) -> None:
    webhook = await scene.add()
    [index] = await scene.happens(process="ocds-xmarrow-1", organisation=scene.town.city)
    await scene.deliver()
    [event] = scene.verified()
    assert isinstance(event, dict) and event.keys() == {"type", "timestamp", "data"}
    assert event["type"] == "KeyPublished" and event["timestamp"].endswith("Z")
    assert event["data"] == {
        "index": index, "type": "KeyPublished", "process": "ocds-xmarrow-1", "organisation": scene.town.city,
    }  # fmt: skip
    [call] = scene.receiver.calls
    assert call.id == f"{webhook}-{index}" and call.headers["content-type"] == "application/json"
    after, [delivery] = await seen(scene, webhook)
    assert (after.state, after.position, delivery.status, delivery.attempts) == ("on", index, 204, 1)
    assert delivery.delivered_at and not delivery.problem


async def test_what_happened_before_is_not_sent_and_what_is_hidden_never(scene: Scene) -> None:
    await scene.happens(3)
    await scene.add()
    other = await scene.add("/other")  # which is recorded, for the parties only
    indexes = await scene.happens(2)
    await scene.deliver()
    assert scene.receiver.indexes() == scene.receiver.indexes("/other") == indexes
    assert (await seen(scene, other))[0].position == indexes[-1]


async def test_only_what_is_wanted_is_sent(scene: Scene) -> None:
    await scene.add("/ours", What.OURS)
    await scene.happens(process="ocds-xmarrow-1")
    await scene.add("/one", What.PROCESS, process="ocds-xmarrow-1")
    await scene.add("/types", types=("TenderPublished",))
    ours = await scene.happens(organisation=scene.town.city)
    theirs = await scene.happens(organisation=scene.town.roads)
    one = await scene.happens(process="ocds-xmarrow-1")
    await scene.deliver()
    assert scene.receiver.indexes("/ours") == ours and scene.receiver.indexes("/one") == one
    assert scene.receiver.indexes("/types") == [] and theirs


async def test_events_arrive_in_order_and_wait_for_one_that_fails(scene: Scene, owner: asyncpg.Connection) -> None:
    webhook = await scene.add()
    scene.receiver.answers["/in"] = [saying("500 Oops", b"no\x00 room"), saying("503 Busy"), vanishing, OK]
    first, second, third = await scene.happens(3)
    await scene.deliver()
    assert scene.receiver.indexes() == [first]
    failing, [delivery] = await seen(scene, webhook)
    assert (failing.state, failing.failures, failing.position) == ("failing", 1, first - 1)
    assert (delivery.status, delivery.problem, delivery.excerpt) == (500, "It answered 500.", "no  room")
    await scene.deliver()
    assert scene.receiver.indexes() == [first], "the pause is kept"
    for _ in range(3):
        await at_once(owner)
        await scene.deliver()
    assert scene.receiver.indexes() == [first, first, first, first, second, third]
    assert len({call.id for call in scene.receiver.calls}) == 3, "every attempt has the id of its event"
    after, deliveries = await seen(scene, webhook)
    assert (after.state, after.position) == ("on", third)
    assert [one.attempts for one in deliveries] == [1, 1, 4]
    assert list(scene.verified())


async def test_after_three_days_it_is_switched_off_and_goes_on_from_there(
    scene: Scene, owner: asyncpg.Connection
) -> None:
    webhook = await scene.add()
    scene.receiver.answers["/in"] = [saying("500 Oops")]
    indexes = await scene.happens(2)
    await scene.deliver()
    await owner.execute("UPDATE webhook SET failing_since = failing_since - interval '3 days'")
    await at_once(owner)
    await scene.deliver()
    off, _ = await seen(scene, webhook)
    assert (off.state, off.off_reason) == ("off", "undelivered")
    assert await owner.fetchval("SELECT count(*) FROM ledger_record WHERE type = 'WebhookSwitchedOff'") == 1
    await at_once(owner)
    await scene.deliver()
    assert scene.receiver.indexes() == [indexes[0]] * 2, "nothing more is sent"
    scene.receiver.answers["/in"] = [OK]
    async with scene.olga() as tx:
        await webhooks.resume(tx, webhook)
    await scene.deliver()
    assert scene.receiver.indexes()[2:] == indexes, "nothing that happened meanwhile is missed"


async def test_gone_switches_it_off_at_once_and_the_organisation_is_told(
    scene: Scene, owner: asyncpg.Connection
) -> None:
    webhook = await scene.add()
    scene.receiver.answers["/in"] = [saying("410 Gone")]
    await scene.happens(2)
    await scene.deliver()
    off, _ = await seen(scene, webhook)
    assert (off.state, off.off_reason, len(scene.receiver.calls)) == ("off", "gone", 1)
    async with scene.olga() as tx:
        [told], _ = await inbox.inbox(tx)
        opened = await inbox.open_message(tx, told.id)
    assert opened.link == f"/organisation/webhooks/{webhook}" and scene.receiver.url() in opened.body
    assert await owner.fetchval("SELECT count(*) FROM mail_copy WHERE message = $1", told.id) >= 1


async def test_while_secrets_overlap_both_sign(scene: Scene, owner: asyncpg.Connection) -> None:
    webhook, old = await scene.add(), scene.secrets["/in"]
    async with scene.olga() as tx:
        new = await webhooks.replace_secret(tx, webhook)
    await scene.happens()
    await scene.deliver()
    [call] = scene.receiver.calls
    assert len(call.headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        Verifier(secret).verify(call.body, call.headers)
    await owner.execute("UPDATE webhook_secret SET ends_at = clock_timestamp() WHERE ends_at IS NOT NULL")
    await scene.happens()
    await scene.deliver()
    assert len(scene.receiver.calls[1].headers["webhook-signature"].split(" ")) == 1
    Verifier(new).verify(scene.receiver.calls[1].body, scene.receiver.calls[1].headers)


async def test_a_replay_sends_the_same_ids_again_in_order(scene: Scene) -> None:
    webhook = await scene.add()
    indexes = await scene.happens(3)
    await scene.deliver()
    async with scene.olga() as tx:
        await webhooks.replay(tx, webhook, indexes[1])
    await scene.deliver()
    assert scene.receiver.indexes() == [*indexes, *indexes[1:]]
    assert [call.id for call in scene.receiver.calls[3:]] == [call.id for call in scene.receiver.calls[1:3]]
    assert [one.attempts for one in (await seen(scene, webhook))[1]] == [2, 2, 1]


async def test_while_paused_only_a_test_event_is_sent(scene: Scene) -> None:
    webhook = await scene.add()
    async with scene.olga() as tx:
        await webhooks.pause(tx, webhook)
        await webhooks.ask_test(tx, webhook)
    indexes = await scene.happens(2)
    await scene.deliver()
    [event] = scene.verified()
    assert isinstance(event, dict)
    assert (event["type"], event["data"]["index"], event["data"]["organisation"]) == (
        "WebhookTested", None, scene.town.city,
    )  # fmt: skip
    paused, [delivery] = await seen(scene, webhook)
    assert (paused.state, paused.tested, delivery.type, delivery.index) == ("paused", True, "WebhookTested", None)
    async with scene.olga() as tx:
        await webhooks.resume(tx, webhook)
    scene.receiver.calls.clear()
    await scene.deliver()
    assert scene.receiver.indexes() == indexes


async def test_only_the_last_messages_are_remembered(
    scene: Scene, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_turns, "KEPT", 3)
    await scene.add()
    indexes = await scene.happens(5)
    await scene.deliver()
    kept = await owner.fetch("SELECT event_index FROM webhook_delivery ORDER BY event_index")
    assert [row["event_index"] for row in kept] == indexes[-3:]
