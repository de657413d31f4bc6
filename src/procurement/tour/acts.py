"""The steps of the tour, in order. Each returns what an independent reader found, in words."""

import hashlib
import re
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec

from procurement.client.sealing import Asked, Attached, Line, seal_bid
from procurement.kernel.checkpoint import VerifierKey
from procurement.tour.people import Person, Unexpected, Visitor, fictional
from procurement.tour.story import Story, bidding_time
from procurement.verifier import log as logs
from procurement.verifier import receipt as receipts
from procurement.verifier import tender as tenders

SOON = 15.0  # seconds within which what follows from a fact has to be seen
CODES = 100.0  # seconds to wait for an unused key code: three of them
OFFICER, APPROVER = "Ines Marsh", "Tomas Okafor"
EVALUATORS = ("Ruth Albrecht", "Dario Venn")
STRANGER = "Petra Holm"  # an officer of another buyer
REGISTERED = "Tour Joinery"

Step = tuple[str, Callable[[], str]]
"""What is done, and the function that does it and says what an independent reader found."""


def eventually(check: Callable[[], str], within: float = SOON) -> str:
    """Try until it holds: what follows from a fact follows soon, not at once."""
    until = time.monotonic() + within
    while True:
        try:
            return check()
        except (Unexpected, logs.Broken):
            if time.monotonic() > until:
                raise
            time.sleep(0.3)


class Tour:
    """The cast and what they have done so far."""

    def __init__(self, url: str, story: Story) -> None:
        self.url, self.story = url, story
        self.reader = Visitor(url)
        self.people: dict[str, Person] = {}
        self.known = fictional(url)
        self.tender: dict[str, Any] = {}
        self.receipts: dict[str, bytes] = {}
        self.earlier = ""
        self.award = self.contract = ""

    def person(self, name: str) -> Person:
        """Somebody of the practice republic, signed in."""
        if name not in self.people:
            if name not in self.known:
                raise Unexpected(f"the practice republic has no {name}: a tour needs `procurement up --demo`")
            self.people[name] = Person(self.url, name)
            self.people[name].become(self.known[name])
        return self.people[name]

    def afresh(self, name: str) -> Person:
        """The same person, identified just now."""
        if name in self.known:
            self.people.pop(name, Visitor(self.url)).close()
        return self.person(name)

    def close(self) -> None:
        for one in (self.reader, *self.people.values()):
            one.close()

    @property
    def id(self) -> str:
        return str(self.tender["id"])

    @property
    def path(self) -> str:
        return f"/tenders/{self.id}"

    def steps(self) -> Iterator[Step]:
        yield "A reader keeps a checkpoint of the public record", self.keep_checkpoint
        yield f"{OFFICER} drafts the tender “{self.story.title[:60]}”", self.draft
        yield f"{OFFICER} asks for approval", self.submit_draft
        yield f"{APPROVER} publishes it", self.publish
        yield "Anyone finds it by search", self.search
        yield f"{REGISTERED} registers", self.register
        yield "A supplier asks a question, the officer answers", self.question
        yield f"{REGISTERED} bids on pages without scripts", self.bid_by_pages
        yield "Adler Strassenbau seals its bid on its own machine", lambda: self.bid_by_program("Karl Adler", "0.97")
        yield "Vesna Roads bids too", lambda: self.bid_by_program("Vesna Dole", "0.90")
        yield "Adler Strassenbau replaces its bid", lambda: self.bid_by_program("Karl Adler", "0.95")
        yield "Vesna Roads withdraws", self.withdraw
        yield "The legal clock passes the deadline; a late bid is refused", self.late
        yield f"{OFFICER} and {APPROVER} open the bids together", self.open
        yield "The evaluators declare, check and score", self.evaluate
        yield "The chair concludes the evaluation", self.conclude
        yield f"{OFFICER} proposes the award, {APPROVER} announces it", self.announce
        yield "A contract during standstill is refused", self.too_soon
        yield "Standstill ends; both sides sign the contract", self.sign
        yield "The OCDS record tells the whole story", self.ocds
        yield "A reader verifies everything with the kept checkpoint", self.verify

    # ---- the public record, before

    def keep_checkpoint(self) -> str:
        self.earlier = eventually(lambda: self.reader.get("/ledger/checkpoint").text)
        return f"{self.earlier.splitlines()[1]} entries, signed"

    # ---- from draft to publication

    def draft(self) -> str:
        clock = datetime.fromisoformat(self.reader.json("/api/v1/sandbox/clock")["legal"])
        body = self.story.draft(clock + bidding_time())
        officer = self.person(OFFICER)
        self.tender = officer.program("POST", "/tenders", body)
        document = f"{self.story.title}\n\n{self.story.description}\n".encode()
        self.document = hashlib.sha256(document).hexdigest()
        officer.program("PUT", f"{self.path}/documents/Specification.txt", content=document)
        self.reader.get(self.path, status=404)
        self.person(STRANGER).get(f"{self.path}/draft", status=403)
        return f"{self.id}: neither a reader nor another buyer's officer can see it"

    def submit_draft(self) -> str:
        self.person(OFFICER).program("POST", f"{self.path}/submit")
        self.reader.get(self.path, status=404)
        return "still nobody else can see it"

    def publish(self) -> str:
        self.afresh(APPROVER).get(f"{self.path}/approve")
        self.person(APPROVER).post(f"{self.path}/approve")
        self.tender = self.reader.json(f"/api/v1{self.path}")
        self.reader.reads(self.path, self.story.title)
        document = self.tender["documents"][0]
        got = self.reader.get(f"{self.path}/documents/{document['id']}/{document['name']}").content
        if hashlib.sha256(got).hexdigest() != self.document:
            raise Unexpected("the downloaded document is not the one that was uploaded")
        return "a reader reads it and downloads the same document"

    def search(self) -> str:
        word = max(re.findall(r"\w+", self.story.title), key=len)
        eventually(lambda: self.reader.reads(f"/tenders?q={word}", self.story.title))
        return f"“{word}” finds it"

    def register(self) -> str:
        name = f"{REGISTERED} {secrets.token_hex(3)}"
        one = self.people[REGISTERED] = Person(self.url, "Jo Turner")
        one.register(name)
        self.supplier = one.program("GET", "/me")["organisation"]
        self.reader.reads(f"/suppliers/{_id(self.supplier)}", name)
        return f"{name} has a public page"

    def question(self) -> str:
        asker, officer = self.people[REGISTERED], self.person(OFFICER)
        asker.program("POST", f"{self.path}/questions", {"text": "May part of the work be done in May?"})
        waiting = officer.program("GET", f"{self.path}/questions/waiting")
        answer = {"question": "May part of the work be done in May?", "answer": "Yes, if the promenade stays open."}
        officer.program("POST", f"{self.path}/questions/{waiting[0]['id']}/answer", answer)
        text = self.reader.reads(f"{self.path}/questions", answer["question"], answer["answer"])
        if REGISTERED in text:
            raise Unexpected("the public page names who asked")
        return "everyone reads the answer, nobody reads who asked"

    # ---- sealed bids

    def bid_by_pages(self) -> str:
        one, bid = self.people[REGISTERED], f"{self.path}/bid"
        one.get(bid)
        one.post(f"{bid}/start")
        one.get(f"{bid}/declarations")
        ticks = re.findall(r'name="confirmed"[^>]*value="([^"]+)"', one.page)
        one.post(f"{bid}/declarations", {"confirmed": ticks})
        one.get(f"{bid}/prices")
        one.post(f"{bid}/prices", {name: self._price("1.00") for name in _price_fields(one.page)})
        one.get(f"{bid}/documents")
        one.post(
            f"{bid}/documents",
            {"confidential": ""},
            file=("Method.txt", b"We begin on the first of May.", "text/plain"),
        )
        one.get(f"{bid}/check")
        page = one.post(f"{bid}/submit")
        receipt = str(page.url.path)
        self.receipts[REGISTERED] = one.get(f"{receipt}/receipt.json").content
        return self._checked(REGISTERED)

    def bid_by_program(self, name: str, factor: str) -> str:
        one = self.person(name)
        told = one.program("GET", f"{self.path}/bid")
        sealed = seal_bid(
            self._asked(told), self._prices(factor), [Attached("Method.txt", "text/plain", b"Our method.")]
        )
        for part in sealed.parts:
            one.program("PUT", f"{self.path}/bid/parts/{part.blob.sha256}", content=part.data)
        offer = {"envelope": msgspec.to_builtins(sealed.envelope), "version": sealed.version}
        key = secrets.token_hex(8)
        first = one.program("POST", f"{self.path}/bid", offer, key=key)
        again = one.program("POST", f"{self.path}/bid", offer, key=key)
        if first != again:
            raise Unexpected("the same request got another receipt")
        self.receipts[name] = msgspec.json.encode(first["receipt"])
        return self._checked(name)

    def withdraw(self) -> str:
        self.person("Vesna Dole").program("DELETE", f"{self.path}/bid")
        for path in (f"/api/v1{self.path}/opening", f"/api/v1{self.path}"):
            if "bids" in self.reader.json(path):
                raise Unexpected(f"{path} tells of bids before the opening")
        return "nothing public tells who bids, or how many"

    def late(self) -> str:
        told = self.person("Vesna Dole").program("GET", f"{self.path}/bid")
        sealed = seal_bid(self._asked(told), self._prices("0.50"))
        one = self.person("Vesna Dole")
        for part in sealed.parts:
            one.program("PUT", f"{self.path}/bid/parts/{part.blob.sha256}", content=part.data)
        self._move_to(self.tender["deadline"])
        offer = {"envelope": msgspec.to_builtins(sealed.envelope), "version": sealed.version}
        no = one.program("POST", f"{self.path}/bid", offer, status=409, key="late")
        if not no["type"].endswith("/bid-late"):
            raise Unexpected(f"a late bid was refused as {no['type']}")
        return f"refused: {no['detail']}"

    def open(self) -> str:
        """Two people, each with a key code of their own; then the worker releases, decrypts and shows."""
        self._move_to(self.tender["opening_at"])
        for name, way in ((OFFICER, "request"), (APPROVER, "confirm")):
            self.afresh(name)
            eventually(partial(self._ask_to_open, name, way), CODES)
        state = eventually(self._shown, CODES)
        self.reader.reads(f"{self.path}/opening", "Adler Strassenbau", REGISTERED)
        return f"{state}; a reader sees two bidders and their totals"

    def _ask_to_open(self, name: str, way: str) -> str:
        one = self.person(name)
        shown = one.get(f"{self.path}/opening").text
        code = re.search(r"code now is.*?<bdi>(\d{6})</bdi>", shown, flags=re.S)
        one.post(f"{self.path}/opening/{way}", {"code": code[1] if code else ""})
        return name

    def _shown(self) -> str:
        state = self.reader.json(f"/api/v1{self.path}/opening")
        if state["state"] != "shown":
            raise Unexpected(f"the opening is {state['state']}")
        return f"shown at {state['shown_at']}"

    # ---- evaluation and award

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
        signatory = self.people[REGISTERED] if winner == _id(self.supplier) else self.afresh("Karl Adler")
        for one, side in ((self.afresh(APPROVER), "buyer"), (signatory, "supplier")):
            one.get(f"/contracts/{self.contract}/sign")
            one.post(f"/contracts/{self.contract}/sign/{side}", {"read": "yes"})
        eventually(lambda: self.reader.reads(f"/contracts/{self.contract}", self.story.title[:40]))
        pdf = self.reader.get(f"/contracts/{self.contract}/document").content
        if not pdf.startswith(b"%PDF-"):
            raise Unexpected("the contract is no PDF")
        return f"a reader reads the contract and its PDF of {len(pdf) // 1024} KB"

    # ---- the public record, after

    def ocds(self) -> str:
        def complete() -> str:
            record = self.reader.json(f"/ocds/record/{self.tender['ocid']}")["records"][0]
            tags = [tag for release in record["releases"] for tag in release.get("tag", [])]
            if not {"tender", "award", "contract"} <= set(tags):
                raise Unexpected(f"the record has releases only for {tags}")
            compiled = record["compiledRelease"]
            return f"{len(record['releases'])} releases; {len(compiled['contracts'])} contract in the compiled record"

        return eventually(complete)

    def verify(self) -> str:
        keys = self.reader.json("/ledger/keys")
        key = VerifierKey.parse(keys["checkpoints"])

        def verified() -> str:
            log = logs.read(self._fetch, key, self.earlier)
            entries = msgspec.convert(self.reader.json(f"/ledger/process/{self.tender['ocid']}"), list[logs.Entry])
            findings = tenders.verify(log, self.tender["ocid"], entries)
            for receipt in self.receipts.values():
                receipts.verify(receipt, VerifierKey.parse(keys["receipts"]), log)
            return (
                f"{findings.entries} entries and {len(self.receipts)} receipts verified, {findings.hidden} still hidden"
            )

        return eventually(verified)

    # ---- help

    def _fetch(self, path: str) -> bytes:
        return self.reader.get(path).content

    def _move_to(self, moment: str) -> None:
        """Legal time to just after `moment`, for everyone in the practice republic."""
        clock = self.reader.json("/api/v1/sandbox/clock")
        ahead = datetime.fromisoformat(moment) - datetime.fromisoformat(clock["legal"])
        if ahead > timedelta():
            self.person(OFFICER).program("POST", "/sandbox/clock", {"seconds": int(ahead.total_seconds()) + 1})

    def _price(self, factor: str) -> str:
        """A unit price with which a bid costs about the estimate times `factor`."""
        quantities = sum(Decimal(str(item["quantity"])) for item in self.tender["items"])
        return f"{Decimal(self.story.value) * Decimal(factor) / quantities:.2f}"

    def _prices(self, factor: str) -> dict[str, str]:
        return {item["id"]: self._price(factor) for item in self.tender["items"]}

    def _asked(self, told: dict[str, Any]) -> Asked:
        lines = tuple(Line(i["id"], i["lot"], Decimal(str(i["quantity"]))) for i in self.tender["items"])
        return Asked(told["tender"], told["revision"], told["recipient"], told["supplier"], told["next_version"],
                     self.tender["value"]["currency"], lines)  # fmt: skip

    def _checked(self, who: str) -> str:
        """Anyone with the file can check the receipt, without asking us anything but the key."""
        key = VerifierKey.parse(self.reader.json("/ledger/keys")["receipts"])
        signed, _ = receipts.verify(self.receipts[who], key)
        return f"receipt of {signed.receipt.received_at[11:]}, signature verified"


def _id(organisation: Any) -> str:
    return str(organisation["id"] if isinstance(organisation, dict) else organisation)


def _price_fields(page: str) -> list[str]:
    """The names of the price inputs of the price schedule."""
    return [name for name in re.findall(r'<input[^>]*name="([^"]+)"', page) if name != "_token"]
