"""Who of the key holders gave their shares, and how many are missing: for everybody, as their offices are public."""

from datetime import datetime

import msgspec
from sqlalchemy import select

from procurement.holders import service as holders
from procurement.infra.tx import Tx
from procurement.kernel.refusal import unknown
from procurement.kernel.sealing.roster import Holder
from procurement.opening.service.acts import FIRST, Act, current
from procurement.opening.tables import GivenRow


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A key holder by office; `organisation` is an id. `given_at`: when they gave their shares; `unable_at`: when they
    said that they can read none."""

    holder: str
    office: str
    organisation: str
    given_at: datetime | None
    unable_at: datetime | None


class Sharing(msgspec.Struct, frozen=True, kw_only=True):
    """The second lock of a tender: any `m` of the `members`, in order of their place."""

    level: str
    m: int
    roster: str
    members: tuple[Member, ...]

    @property
    def given(self) -> int:
        return sum(member.given_at is not None for member in self.members)

    @property
    def missing(self) -> int:
        """How many more have to give, of those who have not answered."""
        unanswered = sum(member.given_at is None and member.unable_at is None for member in self.members)
        return max(0, min(self.m - self.given, unanswered))


async def sharing(tx: Tx, tender_id: str, act: Act = FIRST) -> Sharing | None:
    """Of one of the tender's openings. None at level S1."""
    chosen = await holders.roster(tx, tender_id)
    if chosen is None or chosen.frozen_at is None:
        return None
    rows = await tx.session.scalars(select(act.given).where(act.given.tender_id == tender_id))
    answers = {row.member: row for row in rows}
    members = tuple(_member(one, answers.get(one.id)) for one in chosen.roster.holders)
    return Sharing(level=chosen.level, m=chosen.quorum, roster=chosen.sha256, members=members)


def _member(one: Holder, answer: GivenRow | None) -> Member:
    at, gave = (answer.given_at, bool(answer.shares)) if answer else (None, False)
    return Member(
        holder=one.id,
        office=one.office,
        organisation=one.organisation,
        given_at=at if gave else None,
        unable_at=None if gave else at,
    )


async def must_share(tx: Tx, tender_id: str) -> Sharing:
    """Of the opening in which shares are asked for now. Refused("roster-unknown", 404) at level S1."""
    if (found := await sharing(tx, tender_id, await current(tx, tender_id))) is None:
        raise unknown("roster")
    return found


async def may_give(tx: Tx, tender_id: str) -> bool:
    """Whether a key of the actor's own stands in the roster."""
    return await holders.own_seat(tx, tender_id) is not None
