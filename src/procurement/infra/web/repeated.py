"""`Idempotency-Key` at the edge: who asks twice is answered once, and told the same again."""

from typing import Any

from litestar import Request, Response
from litestar.serialization import get_serializer

from procurement.infra import idempotency
from procurement.infra.tx import Tx
from procurement.infra.web import csrf

OWN_KEYS = {"idempotency": "own"}  # the stage keeps its own keys, or needs none
NEEDED = {"idempotency": "needed"}  # it keeps its own, and does nothing without one


class Answered(Exception):
    """This request was answered before: give that answer again."""

    def __init__(self, answer: idempotency.Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


def has_key(request: Request[Any, Any, Any]) -> bool:
    own = "idempotency" in request.route_handler.opt
    unsafe = request.method not in csrf.SAFE and request.url.path.startswith("/api/")
    return unsafe and not own and "idempotency-key" in request.headers


async def look_up(request: Request[Any, Any, Any], tx: Tx, body: bytes) -> idempotency.First | None:
    """What the answer is to be kept under. Raises Answered for a key that this token has used for this before.

    Who has no token is nobody in particular, and nobody's keys are not told apart: they are not looked at.
    """
    if not request.state.session:
        return None
    key = request.headers["idempotency-key"]
    first = idempotency.First(
        token=request.state.session, key=key, request=idempotency.fingerprint(request.method, request.url.path, body)
    )
    if answer := await idempotency.earlier(tx, first):
        raise Answered(answer)
    return first


async def keep(tx: Tx, first: idempotency.First, response: Response[Any]) -> None:
    """Before the commit: the answer is stored with what it answers."""
    media = str(getattr(response.media_type, "value", response.media_type) or "application/json")
    encode = get_serializer(response.response_type_encoders)
    body = response.render(response.content, media, encode)
    headers = {**response.headers, "content-type": media}
    await idempotency.keep(tx, first, idempotency.Answer(response.status_code or 200, headers, body))
