"""Load rulebooks, put them in force by two people, and find the one that counts."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

import msgspec
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.rulebooks import rules
from procurement.rulebooks.rules import Rulebook
from procurement.rulebooks.tables import Activation, Proposal, RulebookText

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('rulebooks', 0))")
MOST = 50  # rulebooks that wait, in a list

_read = lru_cache(maxsize=32)(rules.read)  # equal bytes are the same rulebook for ever


class Listed(msgspec.Struct, frozen=True):
    """A rulebook in the list. `state`: "in-force", "was-in-force", "proposed" (waits for a second person), "loaded"."""

    id: str
    title: str
    version: int
    sha256: str
    loaded_at: datetime
    state: str
    activated_at: datetime | None


class Waiting(msgspec.Struct, frozen=True):
    """A rulebook not in force: proposed by somebody `since` then, or just loaded ("")."""

    id: str
    title: str
    proposed_by: str
    since: datetime


async def active(tx: Tx) -> Rulebook:
    """The rulebook in force. Refused("rulebook-missing", 503) before the first activation."""
    text = await tx.session.scalar(
        select(RulebookText.text)
        .join(Proposal, Proposal.rulebook_id == RulebookText.id)
        .join(Activation, Activation.proposal_id == Proposal.id)
        .order_by(Activation.activated_at.desc(), Activation.proposal_id)
        .limit(1)
    )
    if text is None:
        raise Refused("rulebook-missing", "No rulebook is in force yet. Two administrators activate one.", status=503)
    return _read(text)


async def get(tx: Tx, rulebook_id: str) -> Rulebook:
    """A rulebook by its id, in force or not. Refused("rulebook-unknown", 404)."""
    return _read((await _row(tx, rulebook_id)).text)


async def of_ids(tx: Tx, ids: Iterable[str]) -> dict[str, Rulebook]:
    """Those of the rulebooks that there are, by id."""
    rows = await tx.session.scalars(select(RulebookText).where(RulebookText.id.in_(set(ids))))
    return {row.id: _read(row.text) for row in rows}


async def source_text(tx: Tx, rulebook_id: str) -> bytes:
    """The bytes of the file, as they were hashed."""
    return (await _row(tx, rulebook_id)).text


async def every(tx: Tx) -> list[Listed]:
    """All rulebooks, newest first."""
    rows = await tx.session.scalars(select(RulebookText).order_by(RulebookText.loaded_at.desc(), RulebookText.id))
    activated, pending = await _activations(tx), await _pending(tx)
    newest = max(activated.values(), default=None)

    def state(rulebook_id: str) -> str:
        if rulebook_id in pending:
            return "proposed"
        if rulebook_id not in activated:
            return "loaded"
        return "in-force" if activated[rulebook_id] == newest else "was-in-force"

    return [
        Listed(row.id, row.title, row.version, row.sha256, row.loaded_at, state(row.id), activated.get(row.id))
        for row in rows
    ]


async def waiting(tx: Tx) -> list[Waiting]:
    """What waits for an administrator, oldest first: proposals for a second one, new rulebooks for a first one."""
    tx.actor.must(P.RULEBOOK_PROPOSE, _administered(tx, P.RULEBOOK_PROPOSE))
    rows = await tx.session.execute(
        select(RulebookText.id, RulebookText.title, RulebookText.loaded_at, Proposal.proposed_by, Proposal.proposed_at)
        .outerjoin(Proposal, Proposal.rulebook_id == RulebookText.id)
        .outerjoin(Activation, Activation.proposal_id == Proposal.id)
        .where(Activation.proposal_id.is_(None))
        .order_by(RulebookText.loaded_at, RulebookText.id)
        .limit(MOST)
    )
    return [Waiting(row.id, row.title, row.proposed_by or "", row.proposed_at or row.loaded_at) for row in rows]


async def load(tx: Tx, text: bytes) -> Rulebook:
    """Take a rulebook's file into the store; the same bytes again change nothing.

    Refused("rulebook-invalid", 422), and "rulebook-changed" when that name and version hold other bytes.
    """
    tx.actor.must(P.RULEBOOK_PROPOSE, _administered(tx, P.RULEBOOK_PROPOSE))
    rulebook = _read(text)
    values = {name: getattr(rulebook, name) for name in ("id", "name", "version", "sha256", "title")}
    await tx.session.execute(
        insert(RulebookText).values(**values, text=text, loaded_at=tx.now).on_conflict_do_nothing()
    )
    if await tx.session.get(RulebookText, rulebook.id) is None:
        raise Refused(
            "rulebook-changed",
            f"Version {rulebook.version} of {rulebook.name} exists with another content. Give yours a new version.",
        )
    return rulebook


async def lock(tx: Tx) -> None:
    """Whoever proposes or activates holds this, alone, until the transaction ends."""
    await tx.session.execute(ONE_AT_A_TIME)


async def propose(tx: Tx, rulebook_id: str) -> None:
    """Ask for a rulebook to be put in force. Refused("already-proposed") while one waits, "already-active"."""
    tx.actor.must(P.RULEBOOK_PROPOSE, _administered(tx, P.RULEBOOK_PROPOSE))
    await lock(tx)
    row = await _row(tx, rulebook_id)
    states = {listed.id: listed.state for listed in await every(tx)}
    if states[rulebook_id] == "proposed":
        raise Refused("already-proposed", "This rulebook already waits for a second administrator.")
    if states[rulebook_id] == "in-force":
        raise Refused("already-active", "This rulebook is in force already.")
    tx.session.add(Proposal(id=new_id(), rulebook_id=row.id, proposed_by=tx.actor.person, proposed_at=tx.now))
    await tx.record(rules.RulebookProposed(rulebook=row.id, sha256=row.sha256, proposed_by=tx.actor.person))


async def activate(tx: Tx, rulebook_id: str) -> None:
    """Put a proposed rulebook in force, as a second administrator.

    Refused("not-proposed"), "same-person" (403), "rulebook-not-in-force".
    """
    tx.actor.must(P.RULEBOOK_ACTIVATE, _administered(tx, P.RULEBOOK_ACTIVATE))
    await lock(tx)
    row = await _row(tx, rulebook_id)
    proposal = (await _pending(tx)).get(rulebook_id)
    if proposal is None:
        raise Refused("not-proposed", "Another administrator proposes a rulebook first.")
    proposed = rules.RulebookProposed(rulebook=row.id, sha256=row.sha256, proposed_by=proposal.proposed_by)
    fact = rules.activate(_read(row.text), proposed, tx.actor.person, tx.now)
    tx.session.add(
        Activation(
            proposal_id=proposal.id,
            proposed_by=proposal.proposed_by,
            activated_by=fact.activated_by,
            activated_at=tx.now,
        )
    )
    await tx.record(fact)


async def _row(tx: Tx, rulebook_id: str) -> RulebookText:
    row = await tx.session.get(RulebookText, rulebook_id)
    if row is None:
        raise unknown("rulebook")
    return row


async def _activations(tx: Tx) -> dict[str, datetime]:
    """When each rulebook was last activated."""
    found = await tx.session.execute(
        select(Proposal.rulebook_id, Activation.activated_at)
        .join(Proposal, Activation.proposal_id == Proposal.id)
        .order_by(Activation.activated_at)
    )
    return {row.rulebook_id: row.activated_at for row in found}


async def proposer(tx: Tx, rulebook_id: str) -> str:
    """Who proposed it, while it waits for a second person; "" where nobody did."""
    waiting = (await _pending(tx)).get(rulebook_id)
    return waiting.proposed_by if waiting else ""


async def _pending(tx: Tx) -> dict[str, Proposal]:
    """Proposals that wait for a second person, by rulebook."""
    found = await tx.session.scalars(
        select(Proposal)
        .outerjoin(Activation, Activation.proposal_id == Proposal.id)
        .where(Activation.proposal_id.is_(None))
    )
    return {row.rulebook_id: row for row in found}


def _administered(tx: Tx, permission: P) -> str:
    """Rulebooks belong to no organisation: who administers any of the installation's may act."""
    return next(iter(tx.actor.organisations_with(permission)), "")
