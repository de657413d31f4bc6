"""Evaluation, award, standstill, contract."""

from datetime import date, timedelta

from procurement.client import Score
from procurement.tour.cast import APPROVER, EVALUATORS, OFFICER, REGISTERED, Cast, eventually, refused
from procurement.tour.people import Unexpected


class Judging(Cast):
    def evaluate(self) -> str:
        ids = [self.known[name] for name in EVALUATORS]
        self.program(OFFICER).evaluation.appoint(self.id, ids, chair=ids[0])
        members = [self.program(name).evaluation for name in EVALUATORS]
        for member in members:
            member.declare(self.id, conflict=False)
        chair = members[0]
        bids = [bid.bid for bid in chair.read(self.id).bids]
        for bid in bids:
            chair.decide(self.id, bid, compliant=True, reason="Everything asked for is there.")
        quality = [one.id for one in self.tender.criteria if one.kind == "quality"]
        for number, member in enumerate(members):
            sheet = [
                Score(bid=bid, criterion=criterion, score=8 - place + number, comment="A clear method.")
                for place, bid in enumerate(bids)
                for criterion in quality
            ]
            member.score(self.id, sheet, lock=True)
        for bid in bids:
            for criterion in quality:
                chair.agree(self.id, bid, criterion, 8, "Agreed after comparing both.")
        self.person("Karl Adler").get(f"{self.path}/evaluation", status=403)
        return f"{len(bids)} bids scored by {len(EVALUATORS)} people; a bidder cannot look"

    def conclude(self) -> str:
        ranking = self.program(EVALUATORS[0]).evaluation.conclude(self.id).ranking
        if self.program(OFFICER).evaluation.read(self.id).ranking != ranking:
            raise Unexpected("the officer reads another ranking than the chair")
        self.ranking = sorted((one for one in ranking if one.rank), key=lambda one: (one.lot, one.rank))
        return f"first place with {self.ranking[0].score} points"

    def announce(self) -> str:
        awards, decide, made = self.program(OFFICER).awards, f"{self.path}/award", []
        for lot in self.tender.lots:
            first = next(one for one in self.ranking if one.lot == lot.id and one.rank == 1)
            reason = "First place by the published criteria."
            made.append(awards.propose(self.id, lot=lot.id, bid=first.bid_id, reason=reason))
        approver = self.afresh(APPROVER)
        for award in made:
            approver.get(f"{decide}/decide")
            approver.post(f"{decide}/{award}/approve")
        self.award = made[0]
        eventually(lambda: self.reader.reads(decide, "Standstill"))
        self.person("Karl Adler").reads(f"{decide}/letter", "You may object until")
        return "everyone reads the intention, each bidder its own reasons"

    def too_soon(self) -> str:
        today = date.today()
        draft = self.program(OFFICER).contracts.draft
        return refused("standstill-running", lambda: draft(self.award, today + timedelta(30), today + timedelta(300)))

    def sign(self) -> str:
        awards = self.public.awards.announced(self.id)
        self._move_to(max(one.standstill_ends for one in awards if one.standstill_ends))
        today = date.today()
        drafted = self.program(OFFICER).contracts.draft(self.award, today + timedelta(60), today + timedelta(300))
        self.contract = drafted.id
        winner = next(one.supplier for one in awards if one.id == self.award)
        signatory = self.people[REGISTERED] if winner == self.supplier else self.afresh("Karl Adler")
        for one, side in ((self.afresh(APPROVER), "buyer"), (signatory, "supplier")):
            one.get(f"/contracts/{self.contract}/sign")
            one.post(f"/contracts/{self.contract}/sign/{side}", {"read": "yes"})
        eventually(lambda: self.reader.reads(f"/contracts/{self.contract}", self.story.title[:40]))
        pdf = self.reader.get(f"/contracts/{self.contract}/document").content
        if not pdf.startswith(b"%PDF-"):
            raise Unexpected("the contract is no PDF")
        return f"a reader reads the contract and its PDF of {len(pdf) // 1024} KB"
