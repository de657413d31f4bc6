"""An outside prober: reads a few pages as a visitor does, and tells the service what it saw.

It runs on another machine and network than the service. What it cannot report, because nothing answers, it keeps for a
day and reports later: so an outage that takes the whole service away is counted too.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import msgspec

from procurement.infra.status.rules import Component
from procurement.infra.status.service import Measured
from procurement.infra.status.steady import Steady

PATIENCE = 10.0  # seconds for one page
LOOKS: dict[Component, tuple[str, str]] = {  # path, and how its media type begins
    Component.PAGES: ("/", "text/html"),
    Component.SEARCH: ("/tenders", "text/html"),
    Component.LEDGER: ("/ledger/checkpoint", "text/plain"),
    Component.SUBMISSION: ("/health/ready", "application/json"),
}
KEPT = 1440  # measurements, at one a minute a day of them


class Prober:
    """Of the service at `address`; `token` is what its PROBE_TOKENS hold for `source`, "" to report nothing."""

    def __init__(self, address: str, source: str, token: str) -> None:
        self.address, self.source, self.token = address.rstrip("/"), source, token
        self.waiting: deque[Measured] = deque(maxlen=KEPT)
        self._looked = Steady()

    async def look(self) -> Measured:
        """Read every page once."""
        at, elapsed = datetime.now(UTC), self._looked.elapsed()
        self._looked.done()
        async with httpx.AsyncClient(base_url=self.address, timeout=PATIENCE) as client:
            seen = await asyncio.gather(*(_answers(client, *look) for look in LOOKS.values()))
        return Measured(at, dict(zip(LOOKS, seen, strict=True)), elapsed)

    async def report(self, measured: Measured) -> str:
        """Report this and what waits; "" when it was taken, else why not. What was not taken is kept."""
        self.waiting.append(measured)
        body = msgspec.json.encode({"source": self.source, "measured": list(self.waiting)})
        headers = {"content-type": "application/json", "x-probe-token": self.token}
        try:
            async with httpx.AsyncClient(base_url=self.address, timeout=PATIENCE) as client:
                answer = await client.post("/api/v1/probes", content=body, headers=headers)
        except httpx.HTTPError as lost:
            return type(lost).__name__
        if answer.status_code != 204:
            return f"{answer.status_code} {answer.text[:200]}"
        self.waiting.clear()
        return ""

    async def run(self, every: float, say: Callable[[str], None]) -> bool:
        """Look, say what was seen as a JSON line, and report; again `every` so many seconds, once if that is 0.

        Returns whether the last look found everything working.
        """
        while True:
            measured = await self.look()
            say(msgspec.json.encode(measured).decode())
            if self.token and (why := await self.report(measured)):
                say(f"not reported ({why}), kept: {len(self.waiting)}")
            if not every:
                return all(measured.works.values())
            await asyncio.sleep(every)


async def _answers(client: httpx.AsyncClient, path: str, media_type: str) -> bool:
    try:
        answer = await client.get(path, headers={"accept": media_type})
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and answer.headers.get("content-type", "").startswith(media_type)
