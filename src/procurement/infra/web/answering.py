"""The last steps of a request in its transaction: between what a handler answers and the commit."""

from contextvars import ContextVar
from typing import Any

import msgspec
from litestar import Request, Response

from procurement.infra import idempotency
from procurement.infra.tx import Tx
from procurement.infra.web import rehearsal, repeated, versions


class Open(msgspec.Struct, frozen=True):
    """An API request that is being answered. `first` is where its answer is kept, if it has an Idempotency-Key."""

    request: Request[Any, Any, Any]
    tx: Tx
    first: idempotency.First | None


OPEN: ContextVar[Open | None] = ContextVar("OPEN", default=None)


async def finish(response: Any) -> Any:
    """Litestar's `after_request`: the answer gets its version, is kept for its key, and says if it was a rehearsal."""
    one = OPEN.get()
    if one is None or type(response) is not Response:  # streams have no version, and are kept nowhere
        return response
    OPEN.set(None)
    response = versions.marked(one.request, response)
    if one.first:
        await repeated.keep(one.tx, one.first, response)
    if one.request.state.dry_run:
        response.headers.pop("ETag", None)  # nothing has that version
        response.headers[rehearsal.HEADER] = "true"
    return response
