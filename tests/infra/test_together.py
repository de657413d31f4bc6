"""Jobs that come at the same time are done in one go; nobody waits for company."""

import asyncio
from collections.abc import Sequence

import pytest

from procurement.infra.together import Apart, Together

pytestmark = pytest.mark.anyio


class Doubling:
    """Doubles numbers when it is let; leaves 13, and breaks at 666."""

    def __init__(self) -> None:
        self.goes: list[list[int]] = []
        self.let = asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> list[int | None]:
        self.goes.append(list(numbers))
        await self.let.wait()
        if 666 in numbers:
            raise RuntimeError
        return [None if number == 13 else number * 2 for number in numbers]


async def asked(together: Together[int, int], *numbers: int) -> list[asyncio.Task[int | None]]:
    """The tasks, once all of them wait."""
    tasks = [asyncio.create_task(together.ask(number)) for number in numbers]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_the_first_begins_at_once_and_those_that_come_meanwhile_go_together() -> None:
    doubling = Doubling()
    together: Together[int, int] = Together(doubling, most=3, goes=1)
    tasks = await asked(together, 1, 2, 3, 4, 5)
    assert doubling.goes == [[1]]
    doubling.let.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8, 10]
    assert doubling.goes == [[1], [2, 3, 4], [5]]
    assert await together.ask(6) == 12


async def test_as_many_goes_run_at_once_as_are_allowed() -> None:
    doubling = Doubling()
    tasks = await asked(Together(doubling, most=3, goes=2), 1, 2, 3, 4)
    assert doubling.goes == [[1], [2]]
    doubling.let.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8]
    assert doubling.goes[2:] == [[3, 4]]


async def test_what_is_left_is_left_alone_and_a_broken_go_leaves_all_of_its_jobs_but_no_others() -> None:
    doubling = Doubling()
    tasks = await asked(Together(doubling, most=3, goes=1), 1, 13, 2, 3, 4, 666)
    doubling.let.set()
    assert await asyncio.gather(*tasks) == [2, None, 4, 6, None, None]
    assert doubling.goes == [[1], [13, 2, 3], [4, 666]]


async def test_whoever_stops_waiting_disturbs_nobody() -> None:
    doubling = Doubling()
    first, second, third = await asked(Together(doubling, most=3, goes=1), 1, 2, 3)
    first.cancel()
    second.cancel()
    await asyncio.sleep(0)
    doubling.let.set()
    assert await third == 6
    assert doubling.goes == [[1], [2, 3]]


async def test_those_apart_wait_for_their_own_alone_and_what_has_ended_is_forgotten() -> None:
    doubling = Doubling()
    stuck = asyncio.Event()

    async def do(numbers: Sequence[int]) -> list[int | None]:
        if 13 in numbers:
            await stuck.wait()
        return await doubling(numbers)

    apart: Apart[int, int] = Apart(do, most=3, goes=1)
    doubling.let.set()
    held = [asyncio.create_task(apart.ask("held", number)) for number in (13, 1, 2)]
    await asyncio.sleep(0)
    assert await apart.ask("free", 4) == 8
    assert not any(task.done() for task in held)
    stuck.set()
    assert await asyncio.gather(*held) == [None, 2, 4]
    assert doubling.goes == [[4], [13], [1, 2]]
    assert await apart.ask("held", 5) == 10
    assert not apart._queues
