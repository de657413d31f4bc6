"""How slowly a file may be sent: whoever sends a byte a minute would hold a connection, and promised room, for hours.

Only time spent waiting for the sender counts, not ours. A slow line has a pause to begin with and, for each byte that
came, as long as UPLOAD_PACE says; so a whole file has a total time that depends on its size alone.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from litestar.connection import Request

from procurement.kernel.refusal import Refused

PAUSE = 60.0  # seconds that a sender may pause in all, besides


async def stream(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    """The body as it comes. Refused("upload-slow", 408); what the framework raises is passed on."""
    pace: int = request.scope["state"]["parts"].settings.upload_pace
    chunks, waited, came = request.stream(), 0.0, 0
    while True:
        began = time.monotonic()
        try:
            async with asyncio.timeout(PAUSE + came / pace - waited if pace else None):
                chunk = await anext(chunks, None)
        except TimeoutError:
            raise Refused(
                "upload-slow",
                f"The upload came more slowly than {pace} bytes a second, and was ended. Nothing of it was kept. Send "
                "it again, by another line if you can: what you sent before is not lost.",
                status=408,
            ) from None
        if chunk is None:
            return
        waited, came = waited + time.monotonic() - began, came + len(chunk)
        yield chunk
