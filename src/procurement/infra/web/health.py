"""`/health/live` and `/health/ready`: for supervisors, load balancers and `procurement doctor`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from procurement.infra.web.door import access

PATIENCE = 2.0  # seconds a neighbour has to answer

Neighbours = Mapping[str, Callable[[], Awaitable[bool]]]


class Health(Controller):
    path = "/health"
    include_in_schema = False

    @get("/live", opt=access("public"), sync_to_thread=False)
    def live(self) -> dict[str, bool]:
        return {"live": True}

    @get("/ready", opt=access("public"))
    async def ready(self, neighbours: NamedDependency[Neighbours]) -> Response[dict[str, bool]]:
        """Each neighbour by name; 503 while one does not answer."""
        answers = await asyncio.gather(*(_answers(ask) for ask in neighbours.values()))
        return Response(dict(zip(neighbours, answers, strict=True)), status_code=200 if all(answers) else 503)


async def _answers(ask: Callable[[], Awaitable[bool]]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return await ask()
    except Exception:  # whatever is wrong with a neighbour, it is not ready
        return False
