"""What lasts as long as the process is not looked through for garbage again and again, while nobody is answered."""

import asyncio
import gc
import multiprocessing
from multiprocessing.connection import Connection

import anyio.to_thread
import pytest

from procurement.settings import Settings

pytestmark = pytest.mark.anyio

PATIENCE = 60  # seconds


async def test_web_and_worker_set_apart_what_they_have_when_they_begin(settings: Settings) -> None:
    """In a process of its own, as Granian starts one."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=begin, args=(theirs, settings), daemon=True)
    process.start()
    try:
        for name in ("web", "worker"):
            assert await anyio.to_thread.run_sync(ours.poll, PATIENCE), f"the {name} process sets nothing apart"
            apart, looked_through = ours.recv()
            assert looked_through < apart / 10, (name, apart, looked_through)
    finally:
        process.kill()
        process.join()


def begin(told: Connection, settings: Settings) -> None:
    """Tell, of the web process and then of the worker, how much is set apart and how much is not."""
    asyncio.run(_web(told, settings))
    gc.unfreeze()
    asyncio.run(_worker(told, settings))


async def _web(told: Connection, settings: Settings) -> None:
    from procurement.app import create_app

    async with create_app(settings).lifespan():
        told.send(_found())


async def _worker(told: Connection, settings: Settings) -> None:
    from procurement.worker import work

    working = asyncio.create_task(work(settings))
    async with asyncio.timeout(PATIENCE):
        while not gc.get_freeze_count():  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.05)
    told.send(_found())
    working.cancel()
    await working


def _found() -> tuple[int, int]:
    return gc.get_freeze_count(), len(gc.get_objects())
