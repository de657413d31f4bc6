"""Browsers that are signed in. Every login and every step-up gets a new token; old ones are dead at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from procurement.identity.rules import proofs, strength
from procurement.identity.rules.browsers import browser_name
from procurement.identity.rules.proofs import OpenSession
from procurement.identity.rules.strength import ProvedBy
from procurement.identity.tables import Membership, WebSession
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id, new_token, token_digest
from procurement.kernel.refusal import unknown

_AGENT = 200  # characters of the browser's name that are kept


async def open_session(
    tx: Tx,
    person: str,
    user_agent: str,
    *,
    instead_of: str = "",
    acting_for: str = "",
    proved_by: ProvedBy = ProvedBy.PASSWORD,
    provider: str = "",
) -> str:
    """Sign in, acting for `acting_for` or the person's first organisation; returns the token for the cookie.

    The caller has just checked a proof of who it is: the session counts as confirmed, and as strong as `proved_by`.

    `instead_of` is the session, anybody's, that this browser had until now: it ends.
    """
    ended = WebSession.expires_at < tx.real_now
    await tx.session.execute(delete(WebSession).where(WebSession.person == person, ended))
    await tx.session.execute(update(WebSession).where(WebSession.id == instead_of).values(revoked_at=tx.real_now))
    first = select(Membership.organisation).where(Membership.person == person, Membership.until.is_(None))
    organisation = acting_for or await tx.session.scalar(first.order_by(Membership.since, Membership.id).limit(1))
    made = {"person": person, "organisation": organisation, "created_at": tx.real_now, "user_agent": _plain(user_agent)}
    return _start(tx, **made, expires_at=tx.real_now + proofs.ABSOLUTE, proved_by=proved_by, provider=provider)


async def replace(tx: Tx, session_id: str, proved_by: ProvedBy = ProvedBy.PASSWORD) -> str:
    """After a step-up: the same session under a new token, proved now. Its absolute end stays.

    It counts as strong as the stronger of what was shown before and `proved_by`.
    """
    old = await tx.session.scalar(select(WebSession).where(*_own(tx), WebSession.id == session_id).with_for_update())
    if old is None:
        raise unknown("session")
    old.revoked_at = tx.real_now
    kept = {name: getattr(old, name) for name in ("person", "organisation", "created_at", "expires_at", "user_agent")}
    strongest = strength.stronger(ProvedBy(old.proved_by), proved_by)
    return _start(tx, **kept, proved_by=strongest, provider=old.provider)


async def open_sessions(tx: Tx) -> list[OpenSession]:
    """One's own, the latest used first."""
    rows = await tx.session.scalars(select(WebSession).where(*_own(tx)).order_by(WebSession.last_seen_at.desc()))
    return [
        OpenSession(
            row.id,
            row.created_at,
            row.last_seen_at,
            row.expires_at,
            browser_name(row.user_agent),
            ProvedBy(row.proved_by),
            row.provider,
        )
        for row in rows
        if proofs.is_alive(last_seen_at=row.last_seen_at, expires_at=row.expires_at, now=tx.real_now)
    ]


async def end_session(tx: Tx, session_id: str) -> str:
    """Sign one of one's own browsers out; returns the provider that had vouched, "" for none.

    Refused("session-unknown") for anybody else's.
    """
    tx.actor.must_be_somebody()
    ended = update(WebSession).where(*_own(tx), WebSession.id == session_id).values(revoked_at=tx.real_now)
    provider: str | None = await tx.session.scalar(ended.returning(WebSession.provider))
    if provider is None:
        raise unknown("session")
    return provider


async def end_all_sessions(tx: Tx, person: str, *, but: str = "") -> None:
    """Sign somebody out everywhere, for instance when the password changed; `but` names a session that stays."""
    alive = (WebSession.person == person, WebSession.revoked_at.is_(None), WebSession.id != but)
    await tx.session.execute(update(WebSession).where(*alive).values(revoked_at=tx.real_now))


async def act_for(tx: Tx, session_id: str, organisation: str) -> None:
    """Choose the organisation acted for. Refused("organisation-unknown") without a role in it."""
    tx.actor.must_be_somebody()
    if organisation not in {org for org, _ in tx.actor.roles | tx.actor.withheld}:
        raise unknown("organisation")
    await tx.session.execute(
        update(WebSession).where(*_own(tx), WebSession.id == session_id).values(organisation=organisation)
    )


def _own(tx: Tx) -> Sequence[ColumnElement[bool]]:
    return (WebSession.person == tx.actor.person, WebSession.revoked_at.is_(None))


def _plain(user_agent: str) -> str:
    return "".join(letter for letter in user_agent if letter.isprintable())[:_AGENT]


def _start(tx: Tx, **values: Any) -> str:
    token = new_token()
    now = {"last_seen_at": tx.real_now, "stepped_up_at": tx.real_now}
    tx.session.add(WebSession(id=new_id(), token_sha256=token_digest(token), **now, **values))
    return token
