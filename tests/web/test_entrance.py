"""However many come at once, those that were begun before them are answered."""

import asyncio

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
