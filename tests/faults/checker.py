"""An independent check that knows only what clients were told, and the log."""

import time
from collections import Counter

import httpx
import msgspec
from traffic import BIDDERS, Traffic

from procurement.kernel import merkle
from procurement.kernel.checkpoint import VerifierKey, open_checkpoint
from procurement.verifier import log as logs
from procurement.verifier import receipt as receipts
from procurement.verifier import whole
from procurement.verifier.command import fetching
from procurement.verifier.log import Log

SETTLED = 30.0  # seconds after the last kill by which the sequencer has caught up


class Checker:
    """`earlier` and the keys were kept before anything was killed."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=60)
        self.fetch = fetching(self.http)
        keys = msgspec.json.decode(self.fetch("/ledger/keys"))
        self.key, self.receipt_key = VerifierKey.parse(keys["checkpoints"]), VerifierKey.parse(keys["receipts"])
        self.earlier = self.fetch("/ledger/checkpoint").decode()

    def check(self, told: Traffic) -> list[str]:
        """What was found to hold, in words. AssertionError or Broken when a promise was not kept."""
        log = self._settled(told)
        return [
            self._log_is_dense(log),
            self._checkpoints_agree(log, told),
            self._receipts_hold(log, told),
            self._repeated_requests_get_the_same_receipt(told),
            self._no_bid_was_taken_twice(told),
            self._questions_are_there(told),
            self._tours_are_true(log, told),
        ]

    def _settled(self, told: Traffic) -> Log:
        """The log once everything that was acknowledged stands in it, which takes seconds at most."""
        promised = {bytes.fromhex(one.receipt["receipt"]["record"]) for one in told.submissions}
        until = time.monotonic() + SETTLED
        while True:
            log = logs.read(self.fetch, self.key, self.earlier)
            if promised <= set(log.entries) or time.monotonic() > until:
                return log
            time.sleep(0.5)

    def _log_is_dense(self, log: Log) -> str:
        entries = list(logs.served(self.fetch, 0, log.checkpoint.size))
        for entry in entries:
            logs.must_belong(log, entry)
        assert len(set(log.entries)) == len(log.entries), "an entry stands in the log twice"
        return f"{len(entries)} entries, none missing, none twice"

    def _checkpoints_agree(self, log: Log, told: Traffic) -> str:
        for note in set(told.checkpoints):
            seen = open_checkpoint(note, self.key, self.key.name)
            assert merkle.root(log.leaves[: seen.size]) == seen.root, f"the log forgot what it signed at {seen.size}"
        return f"{len(set(told.checkpoints))} checkpoints that readers saw agree"

    def _receipts_hold(self, log: Log, told: Traffic) -> str:
        kept = [msgspec.json.encode(one.receipt) for one in told.submissions]
        kept += [receipt for tour in told.tours for receipt in tour.receipts.values()]
        for receipt in kept:
            receipts.verify(receipt, self.receipt_key, log)
        return f"{len(kept)} receipts verify and stand in the log"

    def _repeated_requests_get_the_same_receipt(self, told: Traffic) -> str:
        for one in told.submissions:
            again = told.send(one.who, "POST", f"/api/v1{told.call.path}/bid", one.offer, one.key)
            assert again.json()["receipt"] == one.receipt, f"{one.who} got another receipt for {one.key}"
        return f"{len(told.submissions)} repeated submissions got the receipt they got at first"

    def _no_bid_was_taken_twice(self, told: Traffic) -> str:
        for who in BIDDERS:
            last = told.send(who, "GET", f"/api/v1{told.call.path}/bid").json()["submitted"]["version"]
            mine = [one.offer["version"] for one in told.submissions if one.who == who]
            assert mine == list(range(1, last + 1)), f"{who} was told of {mine}, the service holds {last}"
        return "every bidder was told of every version that the service holds"

    def _questions_are_there(self, told: Traffic) -> str:
        public = told.send("", "GET", f"/api/v1{told.call.path}/questions").json()
        assert {one["text"]: one["answer"] for one in public}.items() >= told.answers.items()
        times = Counter(one["text"] for one in public)
        assert all(times[words] == 1 for words in told.answers), "a question was taken twice"
        assert told.asked.items() >= {one["id"]: one["text"] for one in public}.items()
        return f"{len(told.answers)} questions with their answers are there, once"

    def _tours_are_true(self, log: Log, told: Traffic) -> str:
        drafted = [tour.drafted for tour in (*told.tours, told.call) if tour.drafted]
        published = [tender.ocid for tender in drafted if tender.published_at]
        for ocid in published:
            whole.verify(self.fetch, self.key, ocid, self.earlier)
        return f"{len(published)} procurements verify"
