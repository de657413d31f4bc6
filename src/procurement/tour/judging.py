"""Evaluation, award, standstill, contract."""

from datetime import date, timedelta

from procurement.tour.cast import APPROVER, EVALUATORS, OFFICER, REGISTERED, Cast, eventually, id_of
from procurement.tour.people import Unexpected


class Judging(Cast):
    def evaluate(self) -> str:
        officer, here = self.person(OFFICER), f"{self.path}/evaluation"
        ids = [self.known[name] for name in EVALUATORS]
        officer.program("POST", f"{here}/evaluators", {"evaluators": ids, "chair": ids[0]})
        for name in EVALUATORS:
            self.person(name).program("POST", f"{here}/declaration", {"conflict": False})
        chair = self.person(EVALUATORS[0])
        bids = [bid["bid"] for bid in chair.program("GET", here)["bids"]]
        for bid in bids:
            verdict = {"bid": bid, "compliant": True, "reason": "Everything asked for is there."}
            chair.program("POST", f"{here}/compliance", verdict)
        quality = [one["id"] for one in self.tender["criteria"] if one["kind"] == "quality"]
        for number, name in enumerate(EVALUATORS):
            sheet = [
                {"bid": bid, "criterion": criterion, "score": 8 - place + number, "comment": "A clear method."}
                for place, bid in enumerate(bids)
                for criterion in quality
            ]
            self.person(name).program("POST", f"{here}/scores", {"scores": sheet, "lock": True})
        for bid in bids:
            for criterion in quality:
                agreed = {"bid": bid, "criterion": criterion, "score": 8, "reason": "Agreed after comparing both."}
                chair.program("POST", f"{here}/consensus", agreed)
        self.person("Karl Adler").get(f"{self.path}/evaluation", status=403)
        return f"{len(bids)} bids scored by {len(EVALUATORS)} people; a bidder cannot look"

    def conclude(self) -> str:
        state = self.person(EVALUATORS[0]).program("POST", f"{self.path}/evaluation/conclusion")
        ranking = sorted((one for one in state["ranking"] if one["rank"]), key=lambda one: (one["lot"], one["rank"]))
        self.ranking = ranking
        seen = self.person(OFFICER).program("GET", f"{self.path}/evaluation")["ranking"]
        if sorted(one["score"] for one in seen) != sorted(one["score"] for one in state["ranking"]):
            raise Unexpected("the officer reads another ranking than the chair")
        return f"first place with {ranking[0]['score']} points"

    def announce(self) -> str:
        officer, decide = self.person(OFFICER), f"{self.path}/award"
        made = []
        for lot in self.tender["lots"]:
            first = next(one for one in self.ranking if one["lot"] == lot["id"] and one["rank"] == 1)
            proposal = {"lot": lot["id"], "bid": first["bid_id"], "reason": "First place by the published criteria."}
            made.append(officer.program("POST", f"{decide}/proposals", proposal)["id"])
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
        body = {"award": self.award, "starts_on": f"{today + timedelta(30)}", "ends_on": f"{today + timedelta(300)}"}
        no = self.person(OFFICER).program("POST", "/contracts", body, status=409)
        return f"refused: {no['detail']}"

    def sign(self) -> str:
        awards = self.reader.json(f"/api/v1{self.path}/award")
        self._move_to(max(one["standstill_ends"] for one in awards))
        today = date.today()
        body = {"award": self.award, "starts_on": f"{today + timedelta(60)}", "ends_on": f"{today + timedelta(300)}"}
        made = self.person(OFFICER).program("POST", "/contracts", body)
        self.contract = made["id"]
        winner = next(one["supplier"] for one in awards if one["id"] == self.award)
        signatory = self.people[REGISTERED] if winner == id_of(self.supplier) else self.afresh("Karl Adler")
        for one, side in ((self.afresh(APPROVER), "buyer"), (signatory, "supplier")):
            one.get(f"/contracts/{self.contract}/sign")
            one.post(f"/contracts/{self.contract}/sign/{side}", {"read": "yes"})
        eventually(lambda: self.reader.reads(f"/contracts/{self.contract}", self.story.title[:40]))
        pdf = self.reader.get(f"/contracts/{self.contract}/document").content
        if not pdf.startswith(b"%PDF-"):
            raise Unexpected("the contract is no PDF")
        return f"a reader reads the contract and its PDF of {len(pdf) // 1024} KB"
