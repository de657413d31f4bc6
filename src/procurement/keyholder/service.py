"""The keyholder itself: each request checked by the rules, remembered, then done."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from sqlite3 import Row

import msgspec

from procurement.kernel.checkpoint import BadNote, VerifierKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import (
    Envelope,
    digest,
    new_identity,
    parse_envelope,
    recipient_of,
    unlock_identity,
    unlock_shares,
)
from procurement.keyholder import protocol as say
from procurement.keyholder import rules
from procurement.keyholder.persons import Persons
from procurement.keyholder.store import Store, moment, text

# Each takes the four fields of an Opening, last.
FIND = "SELECT * FROM identity WHERE tender = ? AND lot_group = ? AND kind = ? AND round = ?"
BIND_LATER = "UPDATE identity SET not_before = ? WHERE tender = ? AND lot_group = ? AND kind = ? AND round = ?"
RELEASED = "SELECT 1 FROM release WHERE tender = ? AND lot_group = ? AND kind = ? AND round = ?"


def wall_clock() -> datetime:
    return datetime.now(UTC)


class Keyholder:
    """One store, one clock of its own. Methods are named after the requests and raise Refused."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = wall_clock) -> None:
        self.store, self.real = store, clock
        self.persons = Persons(store, clock, self._offset)

    def answer(self, request: say.Requests) -> msgspec.Struct:
        """Do what is asked. Raises Refused."""
        match request:
            case say.Time():
                now = self.real()
                return say.Clocks(real=now, legal=now + self._offset(), sandbox=self.store.sandbox)
            case say.Enrolment(person=person):
                return self.persons.state(person)
            case say.Enrol(person=person):
                return self.persons.enrol(person)
            case say.Confirm(person=person, code=code):
                self.persons.confirm(person, code)
                return say.Enrolled("ready")
            case say.Pin() | say.Clock():
                return self._install(request)
            case say.Identity(opening=opening, not_before=not_before):
                return self.identity(opening, not_before)
            case say.Postpone(opening=opening, not_before=not_before):
                return self.postpone(opening, not_before)
            case say.Assert():
                return self.assert_opening(request)
            case say.Release():
                return self.release(request)
            case say.Unlock(leaf=leaf, envelope=envelope):
                return self.unlock(leaf, envelope.encode())

    def legal(self) -> datetime:
        return self.real() + self._offset()

    def pin(self, verifier: str, origin: str) -> None:
        """Fix the ledger at installation. Refused("pinned-otherwise") for another key or origin, ever after."""
        held = self.store.installation()
        if held["verifier"] is None:
            try:
                VerifierKey.parse(verifier)
            except BadNote as wrong:
                raise Refused("verifier-malformed", str(wrong), status=422) from None
            with self.store.together():
                self.store.run("UPDATE installation SET verifier = ?, origin = ?", verifier, origin)
                self.store.note("pinned", f"{origin} {verifier}")
        elif (held["verifier"], held["origin"]) != (verifier, origin):
            raise Refused("pinned-otherwise", "This keyholder belongs to another ledger.")

    def pin_again(self, verifier: str) -> None:
        """Believe another ledger from now on: only at the keyholder's own terminal, never asked for over the socket.

        BadNote for what is no verifier key.
        """
        key = VerifierKey.parse(verifier)
        with self.store.together():
            self.store.run("UPDATE installation SET verifier = ?, origin = ?", str(key), key.name)
            self.store.note("pinned again", f"{key.name} {key}")

    def move_clock(self, note: str) -> None:
        """In a sandbox only; for production this request does not exist."""
        if not self.store.sandbox:
            raise Refused("request-malformed", "There is no such request.", status=422)
        verifier, origin = self._ledger()
        held = self.store.installation()["offset_seconds"]
        current = None if held is None else timedelta(seconds=held)
        offset = rules.new_offset(note, verifier, origin, current)
        self.store.run("UPDATE installation SET offset_seconds = ?", offset // timedelta(seconds=1))

    def identity(self, opening: say.Opening, not_before: datetime) -> say.Bound:
        """The opening's identity, made on first asking. Asked again with a later time, it is bound later."""
        if self._find(opening) is None:
            made, _ = new_identity()
            key = msgspec.structs.astuple(opening)
            with self.store.together():
                self.store.run("INSERT INTO identity VALUES (?, ?, ?, ?, ?, ?)", *key, made, text(not_before))
                self.store.note("identity", f"{opening} {text(not_before)}")
        return self.postpone(opening, not_before)

    def postpone(self, opening: say.Opening, not_before: datetime) -> say.Bound:
        """Bind a later time. Refused("opening-unknown", 404), ("opening-time-earlier")."""
        row = self._known(opening)
        bound = moment(row["not_before"])
        rules.must_not_be_earlier(bound, not_before)
        if not_before > bound:
            with self.store.together():
                key = msgspec.structs.astuple(opening)
                self.store.run(BIND_LATER, text(not_before), *key)
                self.store.note("postponed", f"{opening} {text(not_before)}")
        return say.Bound(recipient_of(row["identity"]), not_before)

    def assert_opening(self, asked: say.Assert) -> say.Asserted:
        """Remember that a person wants this closing opened. The same again changes nothing."""
        rules.must_be_time(self.legal(), moment(self._known(asked.opening)["not_before"]))
        self.persons.use_code(asked.person, asked.code, asked.leaf)
        return say.Asserted(tuple(sorted({a.person for a in self._assertions(asked.leaf)})))

    def release(self, asked: say.Release) -> say.Granted:
        """Grant the opening of exactly the closed bids. The grant is the recorded intent: no key is used before it.

        The same closing again gives the same answer. Refused as the rules say; "already-released" for another closing.
        """
        leaf = rules.leaf_of(asked.evidence)
        if (held := self._release(leaf)) is not None:
            return say.Granted(leaf, moment(held["at"]))
        rules.must_be_time(self.legal(), moment(self._known(asked.opening)["not_before"]))
        rules.must_be_in_ledger(asked.evidence, *self._ledger())
        rules.must_close(asked.evidence, asked.opening, asked.digests)
        rules.must_be_two(self._assertions(leaf), leaf, self.real())
        key, now = msgspec.structs.astuple(asked.opening), self.real()
        if self.store.one(RELEASED, *key):
            raise Refused("already-released", "Another closing of this tender was already opened.")
        with self.store.together():
            self.store.run("INSERT INTO release VALUES (?, ?, ?, ?, ?, ?)", leaf, *key, text(now))
            for one in asked.digests:
                self.store.run("INSERT INTO released (leaf, digest) VALUES (?, ?)", leaf, one)
            self.store.note("released", f"{asked.opening} {leaf}")
        return say.Granted(leaf, now)

    def unlock(self, leaf: str, envelope: bytes) -> say.Unlocked:
        """What is locked in one envelope. One bad envelope is refused alone; the others are not concerned.

        Refused("not-released", 403) unless its digest was granted; ("identity-differs", 422); ("dealing-inconsistent",
        422) for another number of shares than the envelope says; as the parser says.
        """
        held, name = self._release(leaf), digest(envelope)
        if held is None or not self.store.one("SELECT 1 FROM released WHERE leaf = ? AND digest = ?", leaf, name):
            raise Refused("not-released", "This envelope is not among those released.", status=403)
        opening = say.Opening(held["tender"], held["lot_group"], held["kind"], held["round"])
        parsed = parse_envelope(envelope)
        rules.must_belong(parsed, opening)
        first = "UPDATE released SET used_at = ? WHERE leaf = ? AND digest = ? AND used_at IS NULL"
        self.store.run(first, text(self.real()), leaf, name)
        return _unlocked(parsed, self._known(opening)["identity"])

    def _install(self, request: say.Pin | say.Clock) -> say.Done:
        if isinstance(request, say.Pin):
            self.pin(request.verifier, request.origin)
        else:
            self.move_clock(request.note)
        return say.Done()

    def _offset(self) -> timedelta:
        return timedelta(seconds=self.store.installation()["offset_seconds"] or 0)

    def _ledger(self) -> tuple[VerifierKey, str]:
        held = self.store.installation()
        if held["verifier"] is None:
            raise Refused("not-pinned", "No ledger has been pinned yet.", status=503)
        return VerifierKey.parse(held["verifier"]), held["origin"]

    def _find(self, opening: say.Opening) -> Row | None:
        return self.store.one(FIND, *msgspec.structs.astuple(opening))

    def _known(self, opening: say.Opening) -> Row:
        if (row := self._find(opening)) is None:
            raise Refused("opening-unknown", "The keyholder has no identity for this opening.", status=404)
        return row

    def _release(self, leaf: str) -> Row | None:
        return self.store.one("SELECT * FROM release WHERE leaf = ?", leaf)

    def _assertions(self, leaf: str) -> list[rules.Assertion]:
        rows = self.store.all("SELECT person, leaf, at FROM code WHERE leaf = ?", leaf)
        return [rules.Assertion(row["person"], row["leaf"], moment(row["at"])) for row in rows]


def _unlocked(envelope: Envelope, identity: str) -> say.Unlocked:
    """The outer lock alone is opened: shares stay locked to their holders."""
    if envelope.n:
        shares = unlock_shares(envelope.locked_bytes(), identity)
        rules.must_be_as_many(envelope, shares)
        return say.Unlocked(shares=shares)
    inside = unlock_identity(envelope.locked_bytes(), identity)
    if recipient_of(inside) != envelope.recipient:
        raise Refused("identity-differs", "The locked identity is not the one the bid was sealed to.", status=422)
    return say.Unlocked(identity=inside)
