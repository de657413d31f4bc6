"""What can be done with tenders and what follows from them, one group for each stage. docs/client.md has examples."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from urllib.parse import quote

from procurement.client.answers import (
    Award,
    Contract,
    Document,
    Evaluation,
    Made,
    Opening,
    Question,
    Tender,
    TenderPage,
    TenderSummary,
)
from procurement.client.bodies import NewTender, Score
from procurement.client.calls import Calls, Content

NOTHING = type(None)


class Group:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls


class Tenders(Group):
    """Changes take `if_match`, the version that was read (`client.etag`), and refuse any other."""

    def own(self) -> Iterator[TenderSummary]:
        """Those of the organisation acted for, drafts too, newest first."""
        before = ""
        while True:
            page = self.calls.read("/tenders", TenderPage, {"before": before} if before else None)
            yield from page.tenders
            before = page.next
            if not before:
                return

    def read(self, tender: str) -> Tender:
        return self.calls.read(f"/tenders/{tender}", Tender)

    def create(self, new: NewTender, *, dry_run: bool = False) -> Tender:
        return self.calls.act("POST", "/tenders", new, returns=Tender, dry_run=dry_run)

    def replace(self, tender: str, new: NewTender, *, if_match: str, dry_run: bool = False) -> Tender:
        """Write a draft anew, as a whole; only over the version that was read."""
        path = f"/tenders/{tender}"
        return self.calls.act("PUT", path, new, returns=Tender, if_match=if_match, dry_run=dry_run)

    def upload(self, tender: str, name: str, content: Content) -> Document:
        """Add a file to a draft: bytes, or the path of a file."""
        return self.calls.upload(f"/tenders/{tender}/documents/{quote(name, safe='')}", content, Document)

    def download(self, tender: str, document: str) -> bytes:
        return self.calls.read(f"/tenders/{tender}/documents/{document}", bytes)

    def submit(self, tender: str, *, if_match: str = "") -> Tender:
        """Ask a second person to publish it."""
        return self.calls.act("POST", f"/tenders/{tender}/submit", returns=Tender, if_match=if_match)

    def send_back(self, tender: str, reason: str, *, if_match: str = "") -> Tender:
        return self._with_reason(tender, "return", reason, if_match)

    def approve(self, tender: str, *, if_match: str = "") -> Tender:
        """Publish, as the second person."""
        return self.calls.act("POST", f"/tenders/{tender}/approve", returns=Tender, if_match=if_match)

    def cancel(self, tender: str, reason: str, *, if_match: str = "") -> Tender:
        return self._with_reason(tender, "cancel", reason, if_match)

    def extend(self, tender: str, deadline: datetime, reason: str, *, if_match: str = "") -> None:
        """Ask a second person to move the deadline."""
        body = {"deadline": deadline, "reason": reason}
        self.calls.act("POST", f"/tenders/{tender}/extension", body, returns=NOTHING, if_match=if_match)

    def approve_extension(self, tender: str, *, if_match: str = "") -> Tender:
        return self.calls.act("POST", f"/tenders/{tender}/extension/approve", returns=Tender, if_match=if_match)

    def _with_reason(self, tender: str, what: str, reason: str, if_match: str) -> Tender:
        body = {"reason": reason}
        return self.calls.act("POST", f"/tenders/{tender}/{what}", body, returns=Tender, if_match=if_match)


class Questions(Group):
    def answered(self, tender: str) -> list[Question]:
        return self.calls.read(f"/tenders/{tender}/questions", list[Question])

    def waiting(self, tender: str) -> list[Question]:
        """What the buyer has to answer."""
        return self.calls.read(f"/tenders/{tender}/questions/waiting", list[Question])

    def ask(self, tender: str, text: str, *, key: str = "") -> str:
        """Ask; returns the question's id."""
        return self.calls.act("POST", f"/tenders/{tender}/questions", {"text": text}, returns=Made, key=key).id

    def answer(self, tender: str, question: str, *, published: str, answer: str, key: str = "") -> None:
        """`published` is the question as everybody reads it, without what tells who asked."""
        path, body = f"/tenders/{tender}/questions/{question}/answer", {"question": published, "answer": answer}
        self.calls.act("POST", path, body, returns=NOTHING, key=key)


class Openings(Group):
    def state(self, tender: str) -> Opening:
        return self.calls.read(f"/tenders/{tender}/opening", Opening)

    def request(self, tender: str, code: str) -> Opening:
        """Ask, with one's own key code of this moment."""
        return self.calls.act("POST", f"/tenders/{tender}/opening/request", {"code": code}, returns=Opening)

    def confirm(self, tender: str, code: str) -> Opening:
        return self.calls.act("POST", f"/tenders/{tender}/opening/confirm", {"code": code}, returns=Opening)


class Evaluations(Group):
    def read(self, tender: str) -> Evaluation:
        return self.calls.read(f"/tenders/{tender}/evaluation", Evaluation)

    def appoint(self, tender: str, evaluators: Sequence[str], chair: str) -> None:
        self._do(tender, "evaluators", {"evaluators": evaluators, "chair": chair})

    def declare(self, tender: str, *, conflict: bool, statement: str = "") -> None:
        self._do(tender, "declaration", {"conflict": conflict, "statement": statement})

    def decide(self, tender: str, bid: str, *, compliant: bool, reason: str) -> None:
        self._do(tender, "compliance", {"bid": bid, "compliant": compliant, "reason": reason})

    def score(self, tender: str, scores: Sequence[Score], *, lock: bool = False) -> None:
        """Keep one's own sheet; with `lock` it is final."""
        self._do(tender, "scores", {"scores": scores, "lock": lock})

    def agree(self, tender: str, bid: str, criterion: str, score: int, reason: str) -> None:
        self._do(tender, "consensus", {"bid": bid, "criterion": criterion, "score": score, "reason": reason})

    def conclude(self, tender: str) -> Evaluation:
        return self.calls.act("POST", f"/tenders/{tender}/evaluation/conclusion", returns=Evaluation)

    def _do(self, tender: str, what: str, body: object) -> None:
        self.calls.act("POST", f"/tenders/{tender}/evaluation/{what}", body, returns=NOTHING)


class Awards(Group):
    def announced(self, tender: str) -> list[Award]:
        return self.calls.read(f"/tenders/{tender}/award", list[Award])

    def proposals(self, tender: str) -> list[Award]:
        """With those that wait for approval."""
        return self.calls.read(f"/tenders/{tender}/award/proposals", list[Award])

    def propose(self, tender: str, *, reason: str, lot: str = "", bid: str = "") -> str:
        """Propose the leading bid of a lot; returns the award's id."""
        body = {"lot": lot, "bid": bid, "reason": reason}
        return self.calls.act("POST", f"/tenders/{tender}/award/proposals", body, returns=Made).id

    def approve(self, tender: str, award: str) -> Award:
        """Approve and announce; needs a fresh proof of identity."""
        return self.calls.act("POST", f"/tenders/{tender}/award/{award}/approval", returns=Award)


class Contracts(Group):
    def read(self, contract: str) -> Contract:
        return self.calls.read(f"/contracts/{contract}", Contract)

    def of(self, tender: str) -> list[Contract]:
        return self.calls.read(f"/tenders/{tender}/contracts", list[Contract])

    def draft(self, award: str, starts_on: date, ends_on: date) -> Contract:
        body = {"award": award, "starts_on": starts_on, "ends_on": ends_on}
        return self.calls.act("POST", "/contracts", body, returns=Contract)

    def sign_for_buyer(self, contract: str, document_sha256: str, *, if_match: str = "") -> Contract:
        return self._sign(contract, "buyer", document_sha256, if_match)

    def sign_for_supplier(self, contract: str, document_sha256: str, *, if_match: str = "") -> Contract:
        return self._sign(contract, "supplier", document_sha256, if_match)

    def _sign(self, contract: str, side: str, document_sha256: str, if_match: str) -> Contract:
        path, body = f"/contracts/{contract}/{side}-signature", {"document_sha256": document_sha256}
        return self.calls.act("POST", path, body, returns=Contract, if_match=if_match)
