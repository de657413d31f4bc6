"""What key holders are told, and a buyer of whose tender too few of them have proved that they have their keys."""

from collections.abc import Collection
from typing import Any

from procurement.holders import service as holders
from procurement.holders.rules import HoldersShort, KeyHolderEnrolled, ProofsAsked, RosterAsked
from procurement.identity import service as identity
from procurement.infra import mail
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Tx
from procurement.notices.rules.inbox import Kind, Letter
from procurement.notices.service.delivering import deliver_apart, tell
from procurement.opening.rules import SharesAsked
from procurement.tenders import service as tenders


@handles(KeyHolderEnrolled)
async def tell_enrolled(tx: Tx, recorded: Recorded[KeyHolderEnrolled]) -> None:
    """The holder's own organisation: somebody compares the fingerprint."""
    fact = recorded.fact
    link = f"/organisation/key-holders/{fact.holder}"
    await _tell_apart(tx, recorded, fact.organisation, Kind.KEY, link, office=fact.office)


@handles(RosterAsked)
async def tell_roster(tx: Tx, recorded: Recorded[RosterAsked]) -> None:
    """Each holder's organisation, apart: the tender is not public, so nothing hangs on its process."""
    chosen = await holders.roster(tx, recorded.fact.tender)
    if chosen is None or chosen.sha256 != recorded.fact.roster:
        return  # chosen anew meanwhile, which is told by itself
    buyer = await identity.organisation(tx, chosen.buyer)
    link = f"/key-holder/rosters/{chosen.subject}"
    for organisation in sorted({seat.holder.organisation for seat in chosen.seats}):
        offices = [seat.holder.office for seat in chosen.seats if seat.holder.organisation == organisation]
        words: dict[str, Any] = {"chosen": chosen, "buyer": buyer.name, "offices": offices}
        await _tell_apart(tx, recorded, organisation, Kind.ROSTER, link, **words)


@handles(ProofsAsked)
async def tell_proofs(tx: Tx, recorded: Recorded[ProofsAsked]) -> None:
    """The organisations of those who are asked."""
    fact = recorded.fact
    tender, asked = await tenders.tender(tx, fact.tender), await _asked(tx, fact.tender, fact.holders)
    link, opening = f"/key-holder/rosters/{tender.id}", fact.opening_at
    await tell(tx, recorded, tender, Kind.PROOF, asked, link=link, copied=asked, due_at=opening, opening=opening)


@handles(SharesAsked)
async def tell_shares(tx: Tx, recorded: Recorded[SharesAsked]) -> None:
    """The organisations of those who are asked: the opening waits for them."""
    fact = recorded.fact
    tender, asked = await tenders.tender(tx, fact.tender), await _asked(tx, fact.tender, fact.holders)
    link = f"/tenders/{tender.id}/opening/shares"
    await tell(tx, recorded, tender, Kind.SHARES, asked, link=link, copied=asked, prices=bool(fact.decision))


@handles(HoldersShort)
async def tell_short(tx: Tx, recorded: Recorded[HoldersShort]) -> None:
    """The buyer, while the deadline can still move."""
    fact = recorded.fact
    tender = await tenders.tender(tx, fact.tender)
    link, ours = f"/tenders/{tender.id}/draft/seal", {tender.buyer}
    words = {"proved": fact.proved, "needed": fact.needed}
    await tell(tx, recorded, tender, Kind.SHORT, ours, link=link, copied=ours, due_at=tender.deadline, **words)


async def _asked(tx: Tx, tender: str, members: Collection[str]) -> set[str]:
    """The organisations of these holders of the roster."""
    chosen = await holders.roster(tx, tender)
    return {seat.holder.organisation for seat in chosen.seats if seat.holder.id in members} if chosen else set()


async def _tell_apart(
    tx: Tx, recorded: Recorded[Any], organisation: str, kind: Kind, link: str, **words: object
) -> None:
    title, body = mail.outgoing().words(f"notices/inbox/{kind}", **words)
    await deliver_apart(tx, recorded, Letter(organisation=organisation, kind=kind, title=title, body=body, link=link))


HANDLERS = (tell_enrolled, tell_proofs, tell_roster, tell_shares, tell_short)
