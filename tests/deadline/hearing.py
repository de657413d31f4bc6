"""An independent check of what bidders were told around a deadline. It knows requests, answers, and the public record;
from the database it takes what closing fixed, and the attempts that were recorded."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

import asyncpg
import httpx
import msgspec
from rushing import Bidder
from sending import Answer

from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.sealing import SignedReceipt, closing_root, digest, envelope_bytes
from procurement.verifier import log as logs
from procurement.verifier import receipt as receipts
from procurement.verifier.command import fetching

CREATED, REFUSED = 201, 409
LATE = "/problems/bid-late"
SETTLED = 60.0  # seconds by which bidding is closed, and the record holds everything
CLOSED = "SELECT bids, root FROM bid_closing WHERE tender_id = $1"
ATTEMPTS = "SELECT body FROM ledger_record WHERE type = 'LateBidRefused'"


class Receipt(msgspec.Struct, frozen=True):
    """The answer to a bid that was received."""

    bid: str
    receipt: SignedReceipt


class Told:
    """What became of a plan: `bidders` and `answers` by the name of the request, `deadline` (seconds since 1970) and
    its legal moment."""

    def __init__(
        self, bidders: Mapping[str, Bidder], answers: Mapping[str, Answer], deadline: float, legal: datetime
    ) -> None:
        self.bidders, self.answers, self.deadline, self.legal = bidders, answers, deadline, legal
        self.accepted = {name: one for name, one in answers.items() if one.status == CREATED}
        self.late = {name: one for name, one in answers.items() if _is_late(one)}

    async def check(self, address: str, owner: asyncpg.Connection, tender: str) -> list[str]:
        """What was found to hold, in words. AssertionError or Broken when a promise was not kept."""
        return [
            self._everybody_was_told(),
            self._nobody_was_let_in_late(),
            await self._exactly_these_were_closed(owner, tender),
            self._receipts_hold(address),
            await self._attempts_are_recorded(owner, tender),
        ]

    def _everybody_was_told(self) -> str:
        silent = self.bidders.keys() - self.answers.keys()
        assert not silent, f"{len(silent)} were told nothing"
        others = self.answers.keys() - self.accepted.keys() - self.late.keys()
        assert not others, Counter((self.answers[name].status, self.answers[name].body[:200]) for name in others)
        return f"{len(self.answers)} told: {len(self.accepted)} received, {len(self.late)} late, nothing else"

    def _nobody_was_let_in_late(self) -> str:
        after = [name for name, one in self.answers.items() if one.sent >= self.deadline]
        assert not self.accepted.keys() & set(after), "sent after the deadline, and received"
        before = [name for name, one in self.late.items() if one.answered < self.deadline]
        assert not before, "refused as late before the deadline"
        return f"{len(after)} were sent after the deadline by the sender's clock: each is late"

    async def _exactly_these_were_closed(self, owner: asyncpg.Connection, tender: str) -> str:
        until = time.monotonic() + SETTLED
        while not (fixed := await owner.fetchrow(CLOSED, tender)):
            assert time.monotonic() < until, "bidding was never closed"
            time.sleep(0.2)  # noqa: ASYNC251  # nothing else runs in this loop
        digests = [digest(envelope_bytes(self.bidders[name].envelope)) for name in self.accepted]
        assert (fixed["bids"], fixed["root"]) == closing_root(digests)
        return f"closing fixed the {fixed['bids']} bids that were acknowledged, and no other"

    def _receipts_hold(self, address: str) -> str:
        with httpx.Client(base_url=address, timeout=60) as http:
            fetch = fetching(http)
            keys = msgspec.json.decode(fetch("/ledger/keys"))
            checkpoints, ours = VerifierKey.parse(keys["checkpoints"]), VerifierKey.parse(keys["receipts"])
            log = _holding(lambda: logs.read(fetch, checkpoints), self._promised())
        for name, one in self.accepted.items():
            signed = msgspec.json.decode(one.body, type=Receipt).receipt
            receipts.verify(msgspec.json.encode(signed), ours, log)
            said, bidder = signed.receipt, self.bidders[name]
            assert (said.supplier, said.version) == (bidder.supplier, 1)
            assert said.digest == digest(envelope_bytes(bidder.envelope))
            assert (
                datetime.fromisoformat(said.received_at) < datetime.fromisoformat(said.deadline_applied) == self.legal
            )
        return f"{len(self.accepted)} receipts verify, name the bid that was sent, and stand in the signed log"

    def _promised(self) -> set[bytes]:
        bodies = (msgspec.json.decode(one.body, type=Receipt) for one in self.accepted.values())
        return {bytes.fromhex(body.receipt.receipt.record) for body in bodies}

    async def _attempts_are_recorded(self, owner: asyncpg.Connection, tender: str) -> str:
        facts = [msgspec.json.decode(row["body"])["fact"] for row in await owner.fetch(ATTEMPTS)]
        mine = [fact for fact in facts if fact["tender"] == tender]
        assert Counter(fact["supplier"] for fact in mine) == Counter(self.bidders[name].supplier for name in self.late)
        assert all(datetime.fromisoformat(fact["attempted_at"]) >= self.legal for fact in mine)
        return f"{len(mine)} late attempts are recorded, each at or after the deadline"


def _is_late(one: Answer) -> bool:
    return one.status == REFUSED and msgspec.json.decode(one.body)["type"] == LATE


def _holding(read: Callable[[], logs.Log], promised: set[bytes]) -> logs.Log:
    """The log as soon as every promised entry stands in it."""
    until = time.monotonic() + SETTLED
    while not promised <= set((log := read()).entries) and time.monotonic() < until:
        time.sleep(0.5)
    return log
