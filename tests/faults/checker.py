"""An independent check that knows only what clients were told, and the log."""

import time
from collections import Counter

import httpx
import msgspec
from calls import Call
from traffic import BIDDERS, Traffic

from procurement.client import Client
from procurement.kernel import merkle
from procurement.kernel.checkpoint import VerifierKey, open_checkpoint
from procurement.verifier import log as logs
from procurement.verifier import receipt as receipts
from procurement.verifier import whole
from procurement.verifier.command import fetching
from procurement.verifier.log import Log

SETTLED = 90.0  # seconds after the last request by which the sequencer has caught up, on a busy machine too


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
        found = [
            self._log_is_dense(log),
            self._checkpoints_agree(log, told),
            self._receipts_hold(log, told),
            self._repeated_requests_get_the_same_receipt(told),
            self._no_bid_was_taken_twice(told),
            self._deadlines_stand(told),
            self._questions_are_there(told),
            self._tenders_are_true(told),
        ]
        return found + [self._opened_whole(call) for call in told.calls if call.opens]

    def _settled(self, told: Traffic) -> Log:
        """The log once everything that was acknowledged stands in it, which takes seconds at most."""
        promised = {bytes.fromhex(one.receipt.receipt.record) for _, one in told.submissions}
        until, sizes = time.monotonic() + SETTLED, list[int]()
        while missing := promised - set((log := logs.read(self.fetch, self.key, self.earlier)).entries):
            sizes.append(log.checkpoint.size)
            assert time.monotonic() < until, f"{len(missing)} of {len(promised)} bids are not in the log: {sizes}"
            time.sleep(0.5)
        return log

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
        """Each verifies, which is also that its bid came before its deadline, and names a deadline that was told."""
        for call, one in told.submissions:
            receipts.verify(msgspec.json.encode(one.receipt), self.receipt_key, log)
            known = {call.tender.deadline, *call.deadlines}
            applied = {at and at.isoformat(timespec="microseconds")[:26] for at in known}
            assert one.receipt.receipt.deadline_applied[:26] in applied, "a deadline applied that nobody was told of"
            assert one.receipt.receipt.digest == one.digest, "the receipt is of another bid"
        of_tours = [receipt for tour in told.tours for receipt in tour.receipts.values()]
        for receipt in of_tours:
            receipts.verify(receipt, self.receipt_key, log)
        late = sum(len(call.over) for call in told.calls)
        return f"{len(told.submissions) + len(of_tours)} receipts verify and stand in the log; {late} came too late"

    def _repeated_requests_get_the_same_receipt(self, told: Traffic) -> str:
        """Also after the deadline, and after the bid was replaced or withdrawn."""
        clients = {who: told.client(who) for who in BIDDERS}
        for call, one in told.submissions:
            bids = clients[one.who].bids
            again = bids.hand_in(call.tender.id, one.sealed.envelope, one.sealed.version, key=one.key)
            assert again.receipt == one.receipt, f"{one.who} got another receipt for {one.key}"
        return f"{len(told.submissions)} repeated submissions got the receipt they got at first"

    def _no_bid_was_taken_twice(self, told: Traffic) -> str:
        for who in BIDDERS:
            bids = told.client(who).bids
            for call in told.calls:
                mine = [one.sealed.version for one in call.submissions if one.who == who]
                last = bids.what_to_seal(call.tender.id).submitted
                assert mine == list(range(1, last.version + 1 if last else 1)), f"{who} was told of {mine}: {last}"
                stands = call.standing.get(who)
                assert (last is None or last.withdrawn_at is not None) == (stands is None), "another bid stands"
        return "every bidder was told of every version that the service holds, and what stands of it"

    def _deadlines_stand(self, told: Traffic) -> str:
        public = told.client()
        for call in told.lasting:
            deadline = public.tenders.read(call.tender.id).deadline
            assert deadline == call.deadlines[-1], f"{deadline} is not the later deadline that was told"
        return f"{sum(len(call.deadlines) for call in told.lasting)} later deadlines stand, once"

    def _questions_are_there(self, told: Traffic) -> str:
        public = told.client().questions.answered(told.lasting[0].tender.id)
        assert {one.text: one.answer for one in public}.items() >= told.answers.items()
        times = Counter(one.text for one in public)
        assert all(times[words] == 1 for words in told.answers), "a question was taken twice"
        assert told.asked.items() >= {one.id: one.text for one in public}.items()
        return f"{len(told.answers)} questions with their answers are there, once"

    def _tenders_are_true(self, told: Traffic) -> str:
        drafted = [tour.drafted for tour in told.tours if tour.drafted] + [call.tender for call in told.calls]
        published = [tender.ocid for tender in drafted if tender.published_at]
        for ocid in published:
            whole.verify(self.fetch, self.key, ocid, self.earlier)
        return f"{len(published)} procurements verify"

    def _opened_whole(self, call: Call) -> str:
        """Exactly what bidders were told stands was opened, once, and every bid of it could be read."""
        with Client(str(self.http.base_url)) as public:
            shown = public.opening.state(call.tender.id)
        assert shown.state == "shown", f"{call.tender.id} is {shown.state}"
        assert sorted(one.digest for one in shown.read_out) == sorted(call.digests), "other bids were opened"
        assert all(one.lots and not one.problem for one in shown.read_out), f"a bid was not readable: {shown.read_out}"
        told = f"{len(call.submissions)} receipts, {len(call.withdrawn)} withdrawn"
        return f"{call.tender.id} at {call.level}: {len(shown.read_out)} bids opened, all readable ({told})"
