"""Key holders: a key to make or to prove, rosters to sign, shares to give. And whoever confirms a colleague's key."""

from collections.abc import Iterator

from procurement.desks.rules.model import Desk, Duty, Moment, Viewer, What
from procurement.holders import service as holders
from procurement.holders.rules.duties import duties
from procurement.holders.rules.model import Chosen, Holder, State
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.opening.service.lists import shares_awaited

PATH = "/key-holder"
WHAT = {"sign": What.ROSTER, "prove": What.KEY_PROVE}


async def part(tx: Tx, viewer: Viewer) -> Desk:
    """One's own key and what is asked of it."""
    held = await holders.own(tx)
    if held is None or held.state is State.UNPROVED:
        what = What.KEY_MAKE if held is None else What.KEY_SHOW
        return Desk(duties=(Duty(what=what, title="", path=PATH, since=held.enrolled_at if held else tx.now),))
    found = await holders.own_rosters(tx)
    asked = [*_asked(tx, held, found), *await _shares(tx, held)]
    return Desk(duties=tuple(asked), coming=tuple(_openings(tx, found)))


async def confirming(tx: Tx, viewer: Viewer) -> Desk:
    """Keys of colleagues whose fingerprint a second person compares."""
    if P.HOLDER_CONFIRM not in viewer.may:
        return Desk()
    return Desk(
        duties=tuple(
            Duty(
                what=What.KEY_CONFIRM,
                title=one.office,
                path=f"/organisation/key-holders/{one.id}",
                since=one.proved_at,
                by=one.person,
            )
            for one in await holders.waiting(tx, tx.actor.organisation)
        )
    )


def _asked(tx: Tx, held: Holder, found: list[Chosen]) -> Iterator[Duty]:
    for chosen in found:
        path = f"{PATH}/rosters/{chosen.subject}"
        for one in duties(chosen, held, tx.now):
            yield Duty(what=WHAT[one.act], title=one.title, path=path, due=one.due, since=one.since)


async def _shares(tx: Tx, held: Holder) -> list[Duty]:
    """Openings that wait for this holder's shares."""
    waiting = await shares_awaited(tx, held.id)
    rosters = await holders.rosters(tx, waiting)
    return [
        Duty(what=What.SHARES, title=rosters[id_].title, path=f"/tenders/{id_}/opening/shares", since=since)
        for id_, since in waiting.items()
    ]


def _openings(tx: Tx, found: list[Chosen]) -> Iterator[Moment]:
    for one in found:
        if one.opening_at and one.opening_at > tx.now:
            path = f"/tenders/{one.subject}"
            yield Moment(what="opening", at=one.opening_at, tender=one.subject, title=one.title, path=path)
