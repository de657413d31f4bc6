"""Webhooks that meet trouble: slow, silent, huge or vanishing receivers, killed workers, what changes during a call."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest
from webhook_receiving import OK, Receiver, Scene, at_once, hanging, saying, scene_of, seen, until

from procurement.infra.tx import Database
from procurement.notices.service import webhook_sending, webhooks
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


IN_TRANSACTION = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'
"""


@pytest.fixture
async def scene(settings: Settings, database: Database) -> AsyncIterator[Scene]:
    async with scene_of(settings, database) as one:
        yield one


async def test_a_redirect_is_not_followed(scene: Scene) -> None:
    webhook = await scene.add()
    scene.receiver.answers["/in"] = [saying("308 Elsewhere", b"", f"Location: {scene.receiver.url('/inner')}")]
    await scene.happens()
    await scene.deliver()
    assert [call.path for call in scene.receiver.calls] == ["/in"]
    assert "redirects are not followed" in (await seen(scene, webhook))[1][0].problem


async def test_of_a_huge_answer_only_the_beginning_is_read(scene: Scene) -> None:
    sent = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 500 Oops\r\nContent-Length: 100000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536

    webhook = await scene.add()
    scene.receiver.answers["/in"] = [endless]
    await scene.happens()
    await scene.deliver()
    [delivery] = (await seen(scene, webhook))[1]
    assert (delivery.status, delivery.excerpt) == (500, "x" * 200)
    await until(lambda: not scene.receiver.busy)
    assert sent < 20_000_000  # what fits between the two sockets


async def test_a_silent_receiver_is_left_after_a_while(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_sending, "LONGEST", 0.3)
    webhook = await scene.add()
    scene.receiver.answers["/in"] = [hanging]
    await scene.happens()
    await scene.deliver()
    failing, [delivery] = await seen(scene, webhook)
    assert (failing.state, delivery.status) == ("failing", 0) and delivery.problem.startswith("No answer within")


async def test_nobody_waits_for_a_slow_receiver_and_no_transaction_is_open_meanwhile(
    scene: Scene, owner: asyncpg.Connection
) -> None:
    slow, hold = await scene.add("/slow"), asyncio.Event()

    async def late(writer: asyncio.StreamWriter) -> None:
        await hold.wait()
        await OK(writer)

    await scene.add("/fast")
    scene.receiver.answers["/slow"] = [late]
    indexes = await scene.happens(2)
    async with asyncio.TaskGroup() as group:
        group.create_task(scene.deliver())
        await until(lambda: scene.receiver.indexes("/fast") == indexes)
        async with asyncio.timeout(20):  # the fast one's own transactions end; one held by the slow call would not
            while await owner.fetchval(IN_TRANSACTION):  # noqa: ASYNC110  # other sessions of the database
                await asyncio.sleep(0.05)
        indexes += await scene.happens(2)
        await until(lambda: scene.receiver.indexes("/fast") == indexes)
        assert scene.receiver.indexes("/slow") == indexes[:1]
        hold.set()
    assert scene.receiver.indexes("/slow") == indexes and (await seen(scene, slow))[0].position == indexes[-1]


async def test_two_workers_do_not_send_the_same_twice(scene: Scene) -> None:
    await scene.add()
    indexes = await scene.happens(30)
    await asyncio.gather(*(scene.deliver() for _ in range(3)))
    assert scene.receiver.indexes() == indexes


async def test_a_worker_killed_during_a_call_loses_nothing(
    scene: Scene, settings: Settings, owner: asyncpg.Connection
) -> None:
    webhook = await scene.add()
    scene.receiver.answers["/in"] = [OK, hanging, OK]
    indexes = await scene.happens(3)
    script = (
        "import asyncio\n"
        "from procurement import stages\n"
        "from procurement.infra.outbox import Handlers\n"
        "from procurement.infra.tx import Database\n"
        "from procurement.notices.jobs import webhooks\n"
        f"asyncio.run(webhooks.sweep(Database({settings.database_url!r}, Handlers(stages.HANDLERS))))\n"
    )
    env = {**os.environ, "WEBHOOKS_LOCAL": "1"}
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", script, env=env)
    await until(lambda: len(scene.receiver.calls) == 2, within=20)
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    await scene.deliver()
    assert len(scene.receiver.calls) == 2, "the dead worker's lease holds until it has run out"
    await owner.execute("UPDATE webhook SET leased_until = clock_timestamp()")
    await scene.deliver()
    assert scene.receiver.indexes() == [indexes[0], indexes[1], indexes[1], indexes[2]]
    assert scene.receiver.calls[1].id == scene.receiver.calls[2].id
    assert (await seen(scene, webhook))[0].position == indexes[-1]


async def test_a_replay_during_a_call_is_not_undone_by_its_answer(scene: Scene) -> None:
    webhook, hold = await scene.add(), asyncio.Event()

    async def late(writer: asyncio.StreamWriter) -> None:
        await hold.wait()
        await OK(writer)

    indexes = await scene.happens(2)
    scene.receiver.answers["/in"] = [OK, late, OK]
    async with asyncio.TaskGroup() as group:
        group.create_task(scene.deliver())
        await until(lambda: len(scene.receiver.calls) == 2)
        async with scene.olga() as tx:
            await webhooks.replay(tx, webhook, indexes[0])
        hold.set()
    assert scene.receiver.indexes() == [*indexes, *indexes] and (await seen(scene, webhook))[0].state == "on"


async def test_what_is_removed_during_a_call_is_gone(scene: Scene, owner: asyncpg.Connection) -> None:
    webhook, hold = await scene.add(), asyncio.Event()

    async def late(writer: asyncio.StreamWriter) -> None:
        await hold.wait()
        await OK(writer)

    scene.receiver.answers["/in"] = [late]
    await scene.happens(2)
    async with asyncio.TaskGroup() as group:
        group.create_task(scene.deliver())
        await until(lambda: len(scene.receiver.calls) == 1)
        async with scene.olga() as tx:
            await webhooks.remove(tx, webhook)
        hold.set()
    assert len(scene.receiver.calls) == 1
    for table in ("webhook", "webhook_secret", "webhook_delivery"):
        assert await owner.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_a_receiver_that_was_away_gets_everything(scene: Scene, owner: asyncpg.Connection) -> None:
    """Killed, and started again on its port."""
    away = Receiver()
    async with away.listening():
        port = away.port
    scene.receiver.port, again = port, Receiver()
    await scene.add()
    indexes = await scene.happens(2)
    await scene.deliver()
    assert (await owner.fetchval("SELECT problem FROM webhook_delivery")).startswith("No connection")
    async with again.listening(port):
        await at_once(owner)
        await scene.deliver()
    assert again.indexes() == indexes
