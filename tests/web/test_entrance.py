"""However many come at once, those that were begun before them are answered."""

import asyncio

import httpx
import pytest
from litestar.types import Receive, Scope, Send

from procurement.infra.web.entrance import A_TURN, Entrance

pytestmark = pytest.mark.anyio

TURNS = 3  # that each request needs after it was begun
MANY = 200


class Routes:
    """Notes which requests were begun and which were answered, by number."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, int]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        number = int(scope["path"])
        self.noted.append(("begun", number))
        for _ in range(TURNS):
            await asyncio.sleep(0)
        self.noted.append(("answered", number))


def ask(entrance: Entrance, number: int) -> asyncio.Task[None]:
    scope = {"type": "http", "path": str(number)}
    return asyncio.create_task(entrance(scope, None, None))  # type: ignore[arg-type]  # nothing else is looked at


async def test_requests_are_begun_in_their_order_a_few_in_a_turn_and_the_first_are_answered_meanwhile() -> None:
    routes = Routes()
    entrance = Entrance(routes)
    await asyncio.gather(*(ask(entrance, number) for number in range(MANY)))
    assert [number for what, number in routes.noted if what == "begun"] == list(range(MANY))
    first = routes.noted.index(("answered", 0))
    assert first <= A_TURN * (TURNS + 3), "not behind everybody who came with it"


async def test_who_stops_waiting_takes_nobodys_place_and_later_ones_come_in() -> None:
    routes = Routes()
    entrance = Entrance(routes)
    asked = [ask(entrance, number) for number in range(MANY)]
    await asyncio.sleep(0)
    for task in asked[A_TURN:-1]:
        task.cancel()
    await asked[-1]
    await ask(entrance, MANY)
    begun = [number for what, number in routes.noted if what == "begun"]
    assert begun[:A_TURN] == list(range(A_TURN)) and begun[-2:] == [MANY - 1, MANY]
    assert len(begun) < MANY // 2


async def test_the_time_that_somebody_waits_there_is_told_as_theirs(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Else a crowd that waits for seconds would be a service that answers in milliseconds."""
    enter = Entrance._enter

    async def after_others(entrance: Entrance) -> None:
        await asyncio.sleep(0.5)
        await enter(entrance)

    await client.get("/sign-in")  # the first one makes the page, which takes its time too
    monkeypatch.setattr(Entrance, "_enter", after_others)
    with caplog.at_level("INFO", "procurement.requests"):
        await client.get("/sign-in")
    [line] = [one for one in caplog.records if one.getMessage() == "answered"]
    assert line.__dict__["facts"]["ms"] >= 500
