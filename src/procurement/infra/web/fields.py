"""The fields of a form as they were sent: read once for a request, before its transaction opens, and kept nowhere.

The framework's own reading keeps the last 1,024 bodies in a cache: passwords and prices would stay in memory, and
large forms would fill it.
"""

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from litestar.connection import Request

from procurement.kernel.refusal import Refused

MOST = 10_000  # fields of a form: more than the longest price schedule has
PATIENCE = 60.0  # seconds in which a form has to arrive
URL_ENCODED = "application/x-www-form-urlencoded"

Fields = dict[str, list[str]]


async def fields(request: Request[Any, Any, Any]) -> Fields:
    """Name -> its values, in their order; a file is "" here.

    Refused("too-many-fields", 413), Refused("too-slow", 408) when the sender does not send.
    """
    held: Fields | None = request.state.get("fields")
    if held is None:
        held = request.state.fields = await _read(request)
    return held


async def arrived(request: Request[Any, Any, Any]) -> bytes:
    """The whole body. Refused("too-slow", 408)."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await request.body()
    except TimeoutError:
        raise _too_slow() from None


async def _read(request: Request[Any, Any, Any]) -> Fields:
    read: Fields = {}
    if request.content_type[0] == URL_ENCODED:
        body = (await arrived(request)).decode("latin-1")
        try:
            pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=MOST)
        except ValueError:
            raise Refused("too-many-fields", "This form has more fields than are taken here.", status=413) from None
        for name, value in pairs:
            read.setdefault(name, []).append(value)
        return read
    try:
        async with asyncio.timeout(PATIENCE):
            form = await request.form()
    except TimeoutError:
        raise _too_slow() from None
    for name, value in form.multi_items():
        read.setdefault(name, []).append(value if isinstance(value, str) else "")
    return read


def _too_slow() -> Refused:
    return Refused("too-slow", "The form did not arrive in time. Nothing was changed; send it again.", status=408)
