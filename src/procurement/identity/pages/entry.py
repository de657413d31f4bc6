"""What the pages share: the session cookie."""

from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.datastructures import Cookie

from procurement.identity.rules.strength import ProvedBy
from procurement.identity.service import browsers, sessions
from procurement.infra.tx import Tx
from procurement.infra.web import Door, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.refusal import unknown


async def enter(
    request: AnyRequest,
    tx: Tx,
    door: Door,
    person: str,
    to: str,
    *,
    proved_by: ProvedBy,
    acting_for: str = "",
    provider: str = "",
) -> Response[Any]:
    """Sign in: a new session under a new token, the one this browser had is ended, and on to the page `to`.

    Whoever has a role that needs a stronger proof than this one is shown first how to give it.
    """
    agent = request.headers.get("user-agent", "")
    if proved_by is not ProvedBy.PRACTICE:
        await browsers.seen(tx, person, request.cookies.get(door.cookies.visit, ""), agent)
    token = await sessions.open_session(
        tx, person, agent, instead_of=request.state.session, acting_for=acting_for, proved_by=proved_by,
        provider=provider,
    )  # fmt: skip
    await tx.session.flush()
    found = await door.by_session(tx.session, token, tx.real_now)
    waits = found is not None and found.actor.withheld
    return with_session(see_other(f"/account/protect?next={quote(to)}" if waits else to), door, token)


def with_session(answer: Response[Any], door: Door, token: str) -> Response[Any]:
    """The cookie goes with the browser's own session; the server ends it when idle or old."""
    flags = {"path": "/", "httponly": True, "secure": door.cookies.secure, "samesite": "lax"}
    answer.set_cookie(Cookie(key=door.cookies.session, value=token, **flags))  # type: ignore[arg-type]  # one dict
    return answer


def without_session(answer: Response[Any], door: Door) -> Response[Any]:
    answer.set_cookie(
        Cookie(key=door.cookies.session, value="", path="/", httponly=True, secure=door.cookies.secure, max_age=0)
    )
    answer.headers["Clear-Site-Data"] = '"cache"'  # pages seen while signed in do not linger
    return answer


def only_in_a_sandbox(tx: Tx) -> None:
    """Refused("page-unknown") outside of one: the page does not exist there."""
    if not tx.sandbox:
        raise unknown("page")
