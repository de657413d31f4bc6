"""The second lock, of seal level S2: holders make keys, sign the roster, and give their shares at the opening."""

import base64
from typing import Any

import msgspec

from procurement.client.groups import NOTHING
from procurement.client.offline import Cannot
from procurement.client.offline.fetching import fetch
from procurement.client.offline.proving import prove
from procurement.holders import offline
from procurement.holders.api import Asked, OwnKey, RosterView
from procurement.holders.rules.keys import fingerprint, read_out
from procurement.kernel.ids import new_id
from procurement.kernel.sealing.holder_key import HolderKey, new_holder_key
from procurement.kernel.sealing.possession import answer_challenge
from procurement.kernel.sealing.roster import roster_hash
from procurement.opening.service import Sharing
from procurement.tour.bidding import Bidding
from procurement.tour.cast import APPROVER, CODES, OFFICER, REGISTERED, eventually, refused
from procurement.tour.people import Unexpected, visible

QUORUM = 2
OFFICES = {  # and who of the same organisation hears their fingerprints
    "Milan Korr": ("City clerk", "Walter Brook"),
    "Sara Lindqvist": ("Head of internal audit", "Walter Brook"),
    "Bela Toth": ("Court of audit, second chamber", "Judith Amsel"),
}
HERE, COLLEAGUES = "/key-holder", "/organisation/key-holders"


class Holding(Bidding):
    def make_keys(self) -> str:
        """Keys as the offline tool makes them; a colleague compares each fingerprint, and the record shows them."""
        for name, (office, colleague) in OFFICES.items():
            self.held[name] = key = self._enrolled(name, office)
            self._answer(name)
            listener = self.afresh(colleague)
            listener.get(f"{COLLEAGUES}/{key.holder}")
            typed = {"fingerprint": read_out(fingerprint(offline.public_half(key)))}
            listener.post(f"{COLLEAGUES}/{key.holder}/confirm", typed)
        public = {one["id"]: (one["age"], one["sign"]) for one in self.reader.json("/api/v1/key-holders")}
        if any(public.get(key.holder) != (key.recipient, key.sign) for key in self.held.values()):
            raise Unexpected("the public list has other keys than the holders")
        return f"a reader sees {len(self.held)} confirmed keys, by office"

    def choose_holders(self) -> str:
        """Level and holders of the draft, which stay among those who prepare it."""
        chosen = {"level": "S2", "m": QUORUM, "holders": [key.holder for key in self.held.values()]}
        self.program(OFFICER).calls.act("PUT", f"{self.path}/roster", chosen, returns=NOTHING)
        self.reader.get(f"/api/v1{self.path}/roster", status=404)
        for name in self.held:
            self.person(name).reads(HERE, self.story.title)
        return f"any {QUORUM} of {len(self.held)}: each is asked to sign, and a reader does not see it yet"

    def publish_too_soon(self) -> str:
        """Bids could not be sealed."""
        approver = self.afresh(APPROVER)
        approver.get(f"{self.path}/approve")
        said = visible(approver.post(f"{self.path}/approve", status=409).text)
        offices = [office for office, _ in OFFICES.values()]
        if missing := [office for office in offices if f"{office} has to sign the roster" not in said]:
            raise Unexpected(f"the approver is not told that {missing[0]} has to sign")
        self.reader.get(self.path, status=404)
        return "refused: the approver reads who has to sign"

    def sign_roster(self) -> str:
        """Each holder reads the canonical roster on their own device, and signs what they read."""
        for name, key in self.held.items():
            read, signed = offline.signature(
                key, self.person(name).get(f"{HERE}/rosters/{self.id}/roster.json").content
            )
            body = {"roster": roster_hash(read), "signature": signed}
            where = f"/key-holders/me/rosters/{self.id}/signature"
            self.program(name).calls.act("POST", where, body, returns=RosterView)
        seen = self.program(OFFICER).calls.read(f"{self.path}/roster", RosterView)
        if set(seen.signatures) != {key.holder for key in self.held.values()}:
            raise Unexpected("the officer does not see every signature")
        return f"the officer sees {len(seen.signatures)} signatures"

    def prove_holders(self) -> str:
        """A bidder's own machine holds level, roster and keys against the signed record, before it seals anything."""
        return eventually(self._proved)

    def bid_by_pages(self) -> str:
        """Sealed by the server, to the same holders; the receipt says who could have read it before."""
        found = super().bid_by_pages()
        if "(seal level S2)" not in visible(self.people[REGISTERED].page):
            raise Unexpected("the receipt does not name the seal level")
        return f"{found}; it names the seal level"

    def ask_to_open(self) -> str:
        self.ask_both()
        wanted = eventually(lambda: self._wanted(next(iter(self.held))), CODES)
        self._must_wait_for(QUORUM)
        return f"the keyholder gave {len(wanted.shares)} bids, still locked to the holders"

    def give_shares(self) -> str:
        """Any two of three: the bids open with the second, and not before."""
        first, *_, last = self.held
        self._give(last)
        self._must_wait_for(QUORUM - 1)
        self._give(first)
        found = self.read_out()
        gave = [one["office"] for one in self._standing()["sharing"]["members"] if one["given_at"]]
        return f"{found}, and that {' and '.join(gave)} gave"

    def too_late_to_give(self) -> str:
        """The one who did not give is asked for nothing any more."""
        _, spare, _ = self.held
        return refused("already-opened", lambda: self._wanted(spare))

    def _proved(self) -> str:
        file = fetch(self.program(REGISTERED), self.url, self.id)
        try:
            return prove(file, self.public.keys().checkpoints)[-1]
        except Cannot as no:
            raise Unexpected(str(no)) from None

    def _wanted(self, name: str) -> offline.Wanted:
        return self.program(name).calls.read(f"{self.path}/opening/shares", offline.Wanted)

    def _give(self, name: str) -> None:
        """As the offline tool does it, without a clock: that of a practice service is moved."""
        given = offline.shares(self.held[name], self._wanted(name), self.public.keys().checkpoints, None)
        if not all(one.share for one in given):
            raise Unexpected(f"{name} cannot read every share")
        self.program(name).calls.act("POST", f"{self.path}/opening/shares", {"shares": given}, returns=Sharing)

    def _must_wait_for(self, missing: int) -> None:
        """What everybody reads while holders still have to give."""
        found = self._standing()
        gave = sum(one["given_at"] is not None for one in found["sharing"]["members"])
        if found["read_out"] or found["shown_at"] or QUORUM - gave != missing:
            raise Unexpected(f"{missing} holders are missing, and the opening is {found}")

    def _standing(self) -> Any:
        return self.reader.json(f"/api/v1{self.path}/opening")

    def _answer(self, name: str) -> None:
        """Prove that the key is there."""
        key, program = self.held[name], self.program(name)
        asked = program.calls.act("POST", "/key-holders/me/challenges", {}, returns=Asked)
        said = answer_challenge(base64.b64decode(asked.sealed), key.identity, key.holder)
        program.calls.act("POST", f"/key-holders/me/challenges/{asked.id}", {"answer": said}, returns=NOTHING)

    def _enrolled(self, name: str, office: str) -> HolderKey:
        """A new key of theirs. One of an earlier tour is ended: its secret half went with that tour."""
        one = self.afresh(name)
        if self.program(name).calls.read("/key-holders/me", OwnKey).key:
            one.get(HERE)
            one.post(f"{HERE}/end", {"reason": "A new tour begins."})
        key = new_holder_key(new_id())
        one.get(f"{HERE}/new")
        one.post(f"{HERE}/new", {"office": office, "key": msgspec.json.encode(offline.public_half(key)).decode()})
        return key
