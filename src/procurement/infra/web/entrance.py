"""Requests are begun a few at a time, so that those which were begun before get their turns and are answered.

What a request waits for (the database, mostly) comes back to the same event loop that begins new ones. When thousands
come within a second, all of them would be begun first, each putting off the answers of those before it: nobody would be
answered until the last had come. Here they queue instead, in their order, and each turn of the loop begins a few.
"""

import asyncio
from collections import deque

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

A_TURN = 4  # requests that are begun in one turn of the loop: about as many as are answered in it


class Entrance:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._room, self._turning = A_TURN, False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await self._enter()
        await self.app(scope, receive, send)

    async def _enter(self) -> None:
        loop = asyncio.get_running_loop()
        if not self._turning:
            self._turning = True
            loop.call_soon(self._turn, loop)
        if self._room:
            self._room -= 1
            return
        waits = loop.create_future()
        self._waiting.append(waits)
        await waits

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Once in each turn of the loop, for as long as somebody came in it or waits."""
        idle = self._room == A_TURN
        self._room = A_TURN
        while self._room and self._waiting:
            waits = self._waiting.popleft()
            if not waits.done():  # who has gone meanwhile takes nobody's place
                waits.set_result(None)
                self._room -= 1
        self._turning = not idle or self._room < A_TURN
        if self._turning:
            loop.call_soon(self._turn, loop)
