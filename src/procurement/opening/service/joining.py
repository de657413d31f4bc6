"""The second lock, levels S2 and S3: shares as the keyholder released them, and the keys that they join to.

A joined key lives in memory, from the joining until the child has decrypted the bid; after a kill it is joined again.
"""

import msgspec
from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from procurement.bids.service import FinalEnvelope
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Dealing, Roster, SealedShare, join_shares, must_be_dealt, parse_envelope
from procurement.opening.rules import SharesAsked
from procurement.opening.service.acts import FIRST, Act, named
from procurement.opening.service.staging import OURS
from procurement.opening.tables import ShareRow
from procurement.tenders.rules.model import Tender


async def staged(tx: Tx, tender_id: str, act: Act = FIRST) -> set[tuple[str, str]]:
    """The envelopes that are staged so far, by bid and lot."""
    return {(bid_id, lot) for bid_id, lot in await tx.session.execute(act.staged(tender_id))}


async def unstaged(tx: Tx, tender_id: str, act: Act = FIRST) -> list[FinalEnvelope]:
    """The envelopes that are still to be opened."""
    done = await staged(tx, tender_id, act)
    return [bid for bid in await act.envelopes(tx, tender_id) if bid.key not in done]


class Held(msgspec.Struct, frozen=True):
    """One tender's double-locked bids, in the hands of the worker (`opener`)."""

    database: Database
    opener: Actor
    tender: Tender
    roster: Roster
    act: Act = FIRST

    async def release(self, keyholder: Keyholder, leaf: str) -> None:
        """Fetch the shares of every bid once, and say when they are all here. Nothing the second time."""
        async with self.database.begin(self.opener) as tx:
            if (await tx.session.get_one(self.act.row, self.tender.id)).shared_at is not None:
                return
            shares = self.act.shares
            known = select(shares.bid_id, shares.lot).where(shares.tender_id == self.tender.id).distinct()
            here = {(bid_id, lot) for bid_id, lot in await tx.session.execute(known)}
            missing = [bid for bid in await unstaged(tx, self.tender.id, self.act) if bid.key not in here]
        for bid in missing:
            await self._keep(bid, await self._released(keyholder, leaf, bid))
        async with self.database.begin(self.opener) as tx:
            tx.actor.must(P.OPENING_CONFIRM, of=self.tender.buyer)
            row = await tx.session.get_one(self.act.row, self.tender.id, with_for_update=True)
            if row.shared_at is None:  # another worker was not faster
                row.shared_at, row.problem = await tx.clock(), ""
                await self._ask(tx)

    async def _ask(self, tx: Tx) -> None:
        """Ask the key holders, where there is anything to open."""
        some = select(self.act.shares.bid_id).where(self.act.shares.tender_id == self.tender.id).limit(1)
        if await tx.session.scalar(some) is not None:
            names = await named(tx, self.tender.id, self.act)
            asked = SharesAsked(**names, holders=list(self.roster.members))
            await tx.record(asked, process=self.tender.ocid, organisation=self.tender.buyer)

    async def ready(self, tx: Tx, tender_id: str) -> list[FinalEnvelope]:
        """The bids that can be staged now. While the members are awaited no envelope is read."""
        shares = self.act.shares
        openable = select(shares.bid_id, shares.lot).where(*_openable(self.roster, tender_id, self.act)).distinct()
        which = {(bid_id, lot) for bid_id, lot in await tx.session.execute(openable)}
        return [bid for bid in await unstaged(tx, tender_id, self.act) if bid.key in which] if which else []

    async def joined(self, bid: FinalEnvelope) -> str:
        """The bid's key: its bidder's own, where that was given, else of the shares. Refused as `join_shares`, and
        ("shares-unreadable", 422) when two people decided to go on without it."""
        async with self.database.begin(self.opener) as tx:
            rescue = await self.act.kit(tx, bid)
            rows = await _shares(tx, bid, self.act)
        if rescue and rescue.identity:
            return rescue.identity
        if rescue and rescue.put_out_at:
            raise Refused(
                "shares-unreadable", "Too few key holders opened their share of this bid's key, its bidder gave no "
                "recovery kit, and two people of the buyer decided not to wait any longer.", status=422,
            )  # fmt: skip
        given = {row.member: row.given for row in rows if row.given is not None}
        sealed = [SealedShare(member=row.member, commit=row.sha256, ct=row.ct) for row in rows]
        return join_shares(Dealing.of(parse_envelope(bid.envelope), self.roster), sealed, given)

    async def _released(self, keyholder: Keyholder, leaf: str, bid: FinalEnvelope) -> tuple[SealedShare, ...] | Refused:
        try:
            dealing = Dealing.of(parse_envelope(bid.envelope), self.roster)
            sealed = await keyholder.unlock_shares(leaf, bid.envelope)
            must_be_dealt(dealing, sealed)
        except Refused as no:
            if no.code in OURS:
                raise
            return no
        return sealed

    async def _keep(self, bid: FinalEnvelope, released: tuple[SealedShare, ...] | Refused) -> None:
        async with self.database.begin(self.opener) as tx:
            if isinstance(released, Refused):
                await self.act.stage(tx, self.tender, bid, released)
                return
            tx.actor.must(P.OPENING_CONFIRM, of=self.tender.buyer)
            of = {"bid_id": bid.bid_id, "tender_id": self.tender.id} | ({"lot": bid.lot} if bid.lot else {})
            rows = [
                {**of, "place": place, "member": one.member, "sha256": one.commit, "ct": one.ct}
                for place, one in enumerate(released, start=1)
            ]
            await tx.session.execute(insert(self.act.shares).values(rows).on_conflict_do_nothing())


async def forget(tx: Tx, tender: Tender, act: Act = FIRST) -> None:
    """Shares and bidders' keys of a tender whose bids nobody is going to open."""
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    await tx.session.execute(delete(act.shares).where(act.shares.tender_id == tender.id))
    given = act.kits.tender_id == tender.id, act.kits.identity.is_not(None)
    await tx.session.execute(update(act.kits).where(*given).values(identity=None))


async def _shares(tx: Tx, bid: FinalEnvelope, act: Act) -> list[ShareRow]:
    """In order of x."""
    of = act.shares.bid_id == bid.bid_id, act.shares.lot == bid.lot
    return list(await tx.session.scalars(select(act.shares).where(*of).order_by(act.shares.place)))


def _openable(roster: Roster, tender_id: str, act: Act) -> tuple[ColumnElement[bool], ...]:
    """Enough shares, or the bidder's key, or the decision to go on without either; and not staged yet."""
    shares, kits = act.shares, act.kits
    of_tender = shares.tender_id == tender_id
    enough = (
        select(shares.bid_id, shares.lot)
        .where(of_tender, shares.given.is_not(None))
        .group_by(shares.bid_id, shares.lot)
        .having(func.count() >= roster.m)
    )
    rescued = select(kits.bid_id, kits.lot).where(
        kits.tender_id == tender_id, kits.identity.is_not(None) | kits.put_out_at.is_not(None)
    )
    return of_tender, act.dealt.in_(enough) | act.dealt.in_(rescued), act.dealt.not_in(act.staged(tender_id))
