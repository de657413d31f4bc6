"""Key holders: what each is wanted to open, and what they give. A holder's own client decides, by what it verified."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from procurement.bids import service as bids
from procurement.bids.service import FinalEnvelope
from procurement.holders import service as holders
from procurement.holders.rules.model import Chosen, Holder
from procurement.infra.ledger import service as ledger
from procurement.infra.tx import Tx
from procurement.kernel.fact import Fact
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.kernel.sealing import Dealing, Roster, SealedShare, check_share, parse_envelope
from procurement.kernel.sealing.shares import LIMIT
from procurement.kernel.sealing.strict import Sha256
from procurement.keyholder.protocol import Evidence
from procurement.opening import rules
from procurement.opening.service.acts import PRICES, Act, current, decision_evidence, named
from procurement.opening.service.evidence import closing_evidence, word_of_keyholder
from procurement.opening.service.financial.reading import as_financial
from procurement.opening.service.joining import staged
from procurement.opening.service.reading import as_opening
from procurement.opening.tables import FinancialOpeningRow, OpeningRow, ShareRow
from procurement.tenders import service as tenders


class WantedShare(msgspec.Struct, frozen=True, kw_only=True):
    """A bid by its envelope (canonical text) and the digest of that, never by its bidder; `ct` is base64 of the age
    file to this member, `commit` the SHA-256 (hex) of the share inside."""

    digest: str
    envelope: str
    commit: str
    ct: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What one holder is wanted to open, and the evidence that bidding closed: the record of TenderClosed, its salt and
    place, the proof and the checkpoint signed with `ledger` (a C2SP verifier key). `roster` is the hash that the holder
    signed. `digests` are all that the closing fixed, also of bids without a share. `given_at`: they gave. Of financial
    envelopes `decision` is the same evidence of the fact TechnicalDecided, which names those that may be opened."""

    tender: str
    member: str
    roster: str
    opening_at: datetime | None
    ledger: str
    closing: Evidence
    given_at: datetime | None
    digests: tuple[str, ...]
    shares: tuple[WantedShare, ...]
    decision: Evidence | None = None
    word: tuple[Evidence, ...] = ()


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For one bid (by digest) the share's canonical bytes as text; "" when the member's client could not read it."""

    digest: Sha256
    share: Annotated[str, msgspec.Meta(max_length=LIMIT)] = ""


async def shares_wanted(tx: Tx, tender_id: str) -> Wanted:
    """For a holder of the roster, of the opening that is under way. Refused("not-permitted", 403), ("roster-unknown",
    404) for anybody else; ("not-released") before the keyholder gave the shares, ("already-opened") once all is shown,
    ("tender-cancelled").
    """
    chosen, member = await _seat(tx, tender_id)
    tender = await tenders.tender(tx, tender_id)
    act = await current(tx, tender_id)
    rules.must_take_shares(await _opening(tx, tender_id, act), tender.cancelled_at is not None)
    closing = await bids.closing_of(tx, tender_id)
    assert closing is not None  # nothing is released before
    given = await tx.session.get(act.given, (tender_id, member.id))
    rows = {(row.bid_id, row.lot): row for row in await _rows(tx, tender_id, member.id, act)}
    wanted = [
        WantedShare(digest=bid.digest, envelope=bid.envelope.decode(), commit=row.sha256, ct=row.ct)
        for bid in await act.envelopes(tx, tender_id)
        if (row := rows.get(bid.key))
    ]
    return Wanted(
        tender=tender_id,
        member=member.id,
        roster=chosen.sha256,
        opening_at=tender.opening_at,
        ledger=(await ledger.published_keys(tx.session)).get("checkpoints", ""),
        closing=await closing_evidence(tx, closing),
        given_at=given.given_at if given and given.shares else None,
        digests=tuple(one.digest for one in await bids.fixed_envelopes(tx, tender_id)),
        shares=tuple(wanted),
        decision=await decision_evidence(tx, tender_id) if act is PRICES else None,
        word=await word_of_keyholder(tx, tender),
    )


async def give_shares(tx: Tx, tender_id: str, given: Sequence[Given]) -> None:
    """A holder gives the shares of all released bids in one go. Again changes nothing, but for a share that could not
    be read before. What is given for a bid that was opened or put out meanwhile is checked and not kept.

    Refused as `shares_wanted`; ("shares-incomplete", 422); and nothing is kept of any when one is "share-malformed",
    "share-foreign" or "share-wrong" (422, with member and bid in `fields`).
    """
    chosen, member = await _seat(tx, tender_id)
    await tenders.lock_shared(tx, tender_id)  # nobody cancels it meanwhile: nothing is kept that nobody forgets
    act = await current(tx, tender_id)
    await tx.session.get(act.row, tender_id, with_for_update=True, populate_existing=True)
    cancelled = (await tenders.tender(tx, tender_id)).cancelled_at is not None
    rules.must_take_shares(await _opening(tx, tender_id, act), cancelled)
    finals = {bid.key: bid for bid in await act.envelopes(tx, tender_id)}
    rows = {finals[one.bid_id, one.lot].digest: one for one in await _rows(tx, tender_id, member.id, act)}
    rules.must_be_complete(rows, [one.digest for one in given])
    dealt = await _dealt(tx, tender_id, act)
    over = await staged(tx, tender_id, act) | await _put_out(tx, tender_id, act)
    for one in given:
        found = rows[one.digest]
        key = found.bid_id, found.lot
        if one.share:
            _check(chosen.roster, member.id, finals[key], dealt[key], one.share.encode())
        if key in over:
            continue
        if one.share:
            found.given, found.unreadable = one.share.encode(), False
        else:
            found.unreadable = found.given is None
    await tx.session.flush()
    await _note(tx, tender_id, act, member, [bool(one.share) or rows[one.digest].given is not None for one in given])


async def _put_out(tx: Tx, tender_id: str, act: Act) -> set[tuple[str, str]]:
    """What was said of these, by bid and lot, stays as it was at the decision."""
    decided = act.kits.tender_id == tender_id, act.kits.put_out_at.is_not(None)
    rows = await tx.session.execute(select(act.kits.bid_id, act.kits.lot).where(*decided))
    return {(bid_id, lot) for bid_id, lot in rows}


async def _seat(tx: Tx, tender_id: str) -> tuple[Chosen, Holder]:
    tx.actor.must(P.HOLDER_KEEP, of=tx.actor.organisation)
    if (found := await holders.own_seat(tx, tender_id)) is None:
        raise unknown("roster")
    return found


async def cannot_give(tx: Tx, tender_id: str) -> None:
    """A holder who no longer has their key says so: they can read none of what they have not given yet."""
    wanted = await shares_wanted(tx, tender_id)
    await give_shares(tx, tender_id, [Given(one.digest) for one in wanted.shares])


async def seat(tx: Tx, tender_id: str) -> Holder:
    """The actor's own key, which stands in this tender's roster. Refused as `shares_wanted` for anybody else."""
    return (await _seat(tx, tender_id))[1]


async def _opening(tx: Tx, tender_id: str, act: Act) -> rules.Opening | rules.Financial | None:
    if act is PRICES:
        return as_financial(await tx.session.get_one(FinancialOpeningRow, tender_id))
    row = await tx.session.get(OpeningRow, tender_id)
    return as_opening(row) if row else None


async def _rows(tx: Tx, tender_id: str, member: str, act: Act) -> list[ShareRow]:
    mine = act.shares.tender_id == tender_id, act.shares.member == member
    return list(await tx.session.scalars(select(act.shares).where(*mine)))


async def _dealt(tx: Tx, tender_id: str, act: Act) -> dict[tuple[str, str], list[SealedShare]]:
    """By bid and lot, in order of x, what each member was dealt; without the age files, which the members have."""
    shares = act.shares
    query = select(shares.bid_id, shares.lot, shares.member, shares.sha256).where(shares.tender_id == tender_id)
    dealt: dict[tuple[str, str], list[SealedShare]] = {}
    for bid_id, lot, member, commit in await tx.session.execute(query.order_by(shares.place)):
        dealt.setdefault((bid_id, lot), []).append(SealedShare(member=member, commit=commit, ct=""))
    return dealt


def _check(roster: Roster, member: str, bid: FinalEnvelope, sealed: Sequence[SealedShare], share: bytes) -> None:
    """What the bidder dealt wrongly is found at the joining, and is not held against whoever gives it."""
    try:
        check_share(Dealing.of(parse_envelope(bid.envelope), roster), sealed, member, share)
    except Refused as no:
        if no.code != "dealing-inconsistent":
            no.fields["bid"] = bid.digest
            raise


async def _note(tx: Tx, tender_id: str, act: Act, member: Holder, gave: Sequence[bool]) -> None:
    """That they answered; again only when they give more than before. The public reads no number of bids."""
    before = await tx.session.get(act.given, (tender_id, member.id), populate_existing=True)
    was_able = before is not None and before.shares > 0
    values = {"tender_id": tender_id, "member": member.id, "given_at": await tx.clock(), "shares": sum(gave)}
    made = insert(act.given).values(**values)
    grown = made.on_conflict_do_update(
        index_elements=["tender_id", "member"],
        set_={name: made.excluded[name] for name in ("given_at", "shares")},
        where=made.excluded.shares > act.given.shares,
    )
    if await tx.session.scalar(grown.returning(act.given.member)) is None:
        return
    tender = await tenders.tender(tx, tender_id)
    names = await named(tx, tender_id, act)
    facts: list[Fact] = [
        rules.SharesCounted(**names, holder=member.id, given=sum(gave), unreadable=len(gave) - sum(gave))
    ]
    if before is None or was_able != any(gave):
        facts.append(rules.SharesGiven(**names, holder=member.id, able=any(gave)))
    for fact in facts:
        await tx.record(fact, process=tender.ocid, organisation=member.organisation)
