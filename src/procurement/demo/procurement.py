"""One procurement of the practice republic, as far as it is to go."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal

from procurement.awards import service as awards
from procurement.awards.rules import Choice
from procurement.bids import service as bids
from procurement.bids.service import parts
from procurement.clarifications import service as clarifications
from procurement.client.sealing import Asked, Attached, Line, seal_bid
from procurement.contracts import service as contracts
from procurement.demo import deposits, paper, words
from procurement.demo.holding import Keyring
from procurement.demo.script import Bid, Lot, Script
from procurement.demo.theatre import Play, Theatre
from procurement.evaluation import service as evaluation
from procurement.evaluation.rules.state import HIGHEST_SCORE, Score
from procurement.infra.tx import Tx
from procurement.kernel.permissions import Role
from procurement.kernel.sealing.roster import Roster
from procurement.opening import service as opening
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender, inputs

HOUR = 1 / 24


class Procurement:
    def __init__(self, theatre: Theatre, script: Script, keyring: Keyring) -> None:
        self.theatre, self.script, self.buyer, self.keyring = theatre, script, script.buyer, keyring
        self.id = ""
        self.roster: Roster | None = None
        self.ends = script.deadline  # the day on which bidding ends

    async def play(self) -> Play:
        """The whole life, act by act; each yield is the day of the next act."""
        script = self.script
        yield script.published
        await self._draft()
        if script.until == "draft":
            return
        if script.holders:
            self.roster = await self.keyring.lock(self.buyer, self.id, script.quorum, script.holders)
        async with self.theatre.acting(self.buyer, Role.OFFICER) as tx:
            await tenders.submit(tx, self.theatre.keyholder, self.id)
        if script.until == "submitted":
            return
        async with self.theatre.acting(self.buyer, Role.APPROVER) as tx:
            await tenders.approve(tx, self.theatre.keyholder, self.id)
        yield min(script.published + 2, -0.02)
        await self._ask_and_answer()
        yield min(self.ends - 1, -0.01)
        if script.until == "cancelled":
            async with self.theatre.acting(self.buyer, Role.APPROVER) as tx:
                await tenders.cancel(tx, self.id, script.reason)
            return
        for bid in script.bids:
            if script.deposit:
                await deposits.ask(self.theatre, self.id, bid.supplier, pays=bid.pays)
            await self._bid(bid)
        if script.until == "open":
            return
        async for day in self._after_the_deadline():
            yield day

    async def _after_the_deadline(self) -> AsyncIterator[float]:
        script = self.script
        yield self.ends + HOUR / 60
        async with self.theatre.acting(self.buyer, Role.OFFICER) as tx:
            await bids.close(tx, self.theatre.keyholder, self.id)
        if script.until == "closed":
            return
        await self._open()
        yield self.ends + 1
        await self._evaluate()
        if script.until in ("evaluating", "technical"):
            return
        yield self.ends + 3
        await self._award()
        if script.until in ("announced", "unsuccessful"):
            return
        yield self.ends + 18
        await self._contract()

    async def tender(self) -> Tender:
        async with self.theatre.acting(self.buyer, Role.OFFICER) as tx:
            return await tenders.tender(tx, self.id)

    async def _draft(self) -> None:
        script = self.script
        async with self.theatre.acting(self.buyer, Role.OFFICER) as tx:
            new = inputs.New(title=script.title, category=script.category)
            self.id = await tenders.create(tx, new, ocid_prefix=self.theatre.settings.ocid_prefix)
            about = inputs.About(
                title=script.title,
                category=script.category,
                description=script.description,
                value=script.value,
                contract_terms=script.terms,
                deposit=script.deposit,
                procedure=script.procedure,
            )
            await tenders.save_about(tx, self.id, about)
            await tenders.choose_award_method(tx, self.id, script.award_method)
            first = (await tenders.tender(tx, self.id)).lots[0].id
            for number, lot in enumerate(script.lots):
                await self._lot(tx, lot, first if number == 0 else "")
            await self._criteria(tx)
            await tenders.set_deadline(tx, self.id, self._deadline(tx.now))
        if script.until != "draft":
            await self._documents()

    def _deadline(self, now: datetime) -> datetime:
        """The script's deadline, at noon as people would set it, unless bidding has to close right now."""
        script = self.script
        wanted = now + timedelta(days=script.deadline - script.published)
        if script.until == "closed":
            return wanted
        noon = wanted.replace(hour=12, minute=0, second=0, microsecond=0)
        noon += timedelta(days=wanted > noon)
        self.ends = script.deadline + (noon - wanted) / timedelta(days=1)
        return noon

    async def _lot(self, tx: Tx, lot: Lot, lot_id: str) -> None:
        lot_id = await tenders.save_lot(tx, self.id, inputs.LotInput(title=lot.title, value=lot.value), lot_id)
        for item in lot.items:
            line = inputs.ItemInput(
                lot=lot_id,
                description=item.description,
                classification_id=item.cpv,
                classification_description=item.cpv_title,
                quantity=Decimal(item.quantity),
                unit=item.unit,
                place=item.place,
            )
            await tenders.save_item(tx, self.id, line)

    async def _criteria(self, tx: Tx) -> None:
        if not self.script.criteria:
            return
        rest = Decimal(100) - sum(Decimal(weight) for _, weight in self.script.criteria)
        await tenders.save_criterion(tx, self.id, inputs.CriterionInput(name="Price", kind="price", weight=rest))
        for name, weight in self.script.criteria:
            quality = inputs.CriterionInput(name=name, kind="quality", weight=Decimal(weight))
            await tenders.save_criterion(tx, self.id, quality)

    async def _documents(self) -> None:
        for name, document in await paper.of_tender(await self.tender(), self.script.terms):
            upload = await tenders.store(self.theatre.files, name, once(document))
            async with self.theatre.acting(self.buyer, Role.OFFICER) as tx:
                await tenders.add_document(tx, self.id, upload)

    async def _ask_and_answer(self) -> None:
        for wording, answer in self.script.questions:
            async with self.theatre.acting("Brightwater Civil Ltd", Role.SIGNATORY) as tx:
                question = await clarifications.ask(tx, self.id, wording)
            async with self.theatre.acting(self.buyer, Role.OFFICER) as tx:
                await clarifications.answer(tx, self.id, question, wording, answer)

    async def _bid(self, bid: Bid) -> None:
        tender = await self.tender()
        supplier = self.theatre.cast.organisations[bid.supplier]
        asked = Asked(
            tender=tender.id,
            revision=tender.revision_hash,
            recipient=tender.keyholder_recipient,
            supplier=supplier,
            version=1,
            currency=tender.value.currency,
            lines=tuple(Line(item.id, item.lot, item.quantity) for item in tender.items),
            roster=self.roster,
            financial_recipient=tender.financial_recipient or "",
        )
        prices = dict(zip((item.id for item in tender.items), bid.prices, strict=True))
        offer = Attached("Method statement.pdf", "application/pdf", await paper.of_bid(tender, bid.supplier))
        sealed = seal_bid(asked, prices, [offer])
        blobs = [await parts.store_sealed(self.theatre.files, part) for part in sealed.parts]
        async with self.theatre.acting(bid.supplier, Role.SIGNATORY) as tx:
            await parts.register(tx, tender.id, blobs)
            offered = bids.Submission.sealed(tender.id, sealed.envelope, 1, "demo", sealed.priced_apart)
            await bids.submit(tx, self.theatre.receipts, offered)

    async def _open(self) -> None:
        """Two people ask with their key codes; the record has to prove the closing first."""
        await self.theatre.sequence()
        for role, ask in ((Role.OFFICER, opening.request), (Role.APPROVER, opening.confirm)):
            async with self.theatre.acting(self.buyer, role) as tx:
                await ask(tx, self.theatre.keyholder, self.id, await self.theatre.next_code(tx))
        await opening.advance(self.theatre.database, self.theatre.keyholder, self.theatre.files, self.id)

    async def _evaluate(self) -> None:
        theatre, script = self.theatre, self.script
        people = [actor.person for actor in theatre.cast.actors[self.buyer, Role.EVALUATOR]]
        async with theatre.acting(self.buyer, Role.OFFICER) as tx:
            await evaluation.appoint(tx, self.id, people, people[0])
        for number in range(len(people)):
            async with theatre.acting(self.buyer, Role.EVALUATOR, number) as tx:
                await evaluation.declare(tx, self.id, conflict=False)
        async with theatre.acting(self.buyer, Role.EVALUATOR) as tx:
            opened = await opening.opened_bids(tx, self.id)
            for bid in opened:
                reason = "All declarations and documents are there."
                await evaluation.decide_compliance(tx, self.id, bid.bid_id, compliant=True, reason=reason)
        if script.criteria:
            await self._score({bid.supplier: bid.bid_id for bid in opened}, len(people))
        if script.until == "technical":
            async with theatre.acting(self.buyer, Role.EVALUATOR) as tx:
                await evaluation.propose_technical(tx, self.id)
        elif script.until != "evaluating":
            async with theatre.acting(self.buyer, Role.EVALUATOR) as tx:
                await evaluation.conclude(tx, theatre.files, self.id)

    async def _score(self, bid_ids: dict[str, str], people: int) -> None:
        """Everybody scores on their own; where they differ, the chair leads to one score with a reason."""
        tender, cast = await self.tender(), self.theatre.cast
        qualities = [criterion.id for criterion in tender.criteria if criterion.kind == "quality"]
        cells = [
            ((bid_ids[cast.organisations[bid.supplier]], criterion), score)
            for bid in self.script.bids
            for criterion, score in zip(qualities, bid.scores, strict=True)
        ]
        for number in range(people):
            sheet = {
                cell: Score(score + _differs(place, number, score), words.comment(score))
                for place, (cell, score) in enumerate(cells)
            }
            async with self.theatre.acting(self.buyer, Role.EVALUATOR, number) as tx:
                await evaluation.lock_scores(tx, self.id, sheet)
        differing = [
            (cell, score)
            for place, (cell, score) in enumerate(cells)
            if len({_differs(place, number, score) for number in range(people)}) > 1
        ]
        to_agree = differing[:-2] if self.script.until == "evaluating" else differing
        for (bid, criterion), score in to_agree:
            async with self.theatre.acting(self.buyer, Role.EVALUATOR) as tx:
                reason = "We agreed after comparing the method statements."
                await evaluation.agree(tx, self.id, bid, criterion, score=score, reason=reason)

    async def _award(self) -> None:
        for lot in (await self.tender()).lots:
            async with self.theatre.acting(self.buyer, Role.OFFICER) as tx:
                result = await evaluation.result(tx, self.id)
                first = next((r for r in result.ranking if r.lot == lot.id and r.rank == 1), None) if result else None
                choice = Choice(lot.id, first.bid_id if first else "")
                reason = words.reason(self.script.award_method, first)
                award = await awards.propose(tx, self.id, choice, reason)
            async with self.theatre.acting(self.buyer, Role.APPROVER) as tx:
                await awards.approve(tx, award)

    async def _contract(self) -> None:
        theatre = self.theatre
        async with theatre.acting(self.buyer, Role.OFFICER) as tx:
            award = await awards.decision(tx, self.id)
            assert award
            first, last = (tx.now.date() + timedelta(days=days) for days in self.script.contract)
            contract_id = await contracts.draft(tx, theatre.files, award.id, starts_on=first, ends_on=last)
            document = (await contracts.contract(tx, contract_id)).document_sha256
        async with theatre.acting(self.buyer, Role.APPROVER) as tx:
            await contracts.sign_for_buyer(tx, contract_id, document)
        supplier = next(name for name, made in theatre.cast.organisations.items() if made == award.supplier)
        async with theatre.acting(supplier, Role.SIGNATORY) as tx:
            await contracts.sign_for_supplier(tx, contract_id, document)
        await deposits.give_back(theatre, self.id)


def _differs(place: int, person: int, score: int) -> int:
    """Now and then somebody gives a point more."""
    return int((place + person) % 4 == 3 and score < HIGHEST_SCORE)


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data
