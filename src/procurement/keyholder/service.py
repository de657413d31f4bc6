"""The keyholder itself: each request checked by the rules, remembered, then done."""

from collections.abc import Callable
from datetime import UTC, datetime
from sqlite3 import Row

import msgspec

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
from procurement.keyholder.installation import Installation
from procurement.keyholder.persons import Persons
from procurement.keyholder.restored import Restored
from procurement.keyholder.signing import Signing
from procurement.keyholder.store import Store, moment, text

# Each takes the four fields of an Opening, last.
FIND = "SELECT * FROM identity WHERE tender = ? AND lot_group = ? AND kind = ? AND round = ?"
BIND_LATER = "UPDATE identity SET not_before = ? WHERE tender = ? AND lot_group = ? AND kind = ? AND round = ?"
DESTROY = "DELETE FROM identity WHERE tender = ? AND lot_group = ? AND kind = ? AND round = ?"
DESTROYED = "SELECT at FROM destroyed WHERE tender = ? AND lot_group = ? AND kind = ? AND round = ?"
RELEASED = "SELECT * FROM release WHERE tender = ? AND lot_group = ? AND kind = ? AND round = ?"


def wall_clock() -> datetime:
    return datetime.now(UTC)


class Keyholder:
    """One store, one clock of its own. Methods are named after the requests and raise Refused."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = wall_clock) -> None:
        self.store, self.real = store, clock
        self.installed = Installation(store, clock)
        self.persons = Persons(store, clock, self.installed.offset)
        self.signing = Signing(store)
        self.restored = Restored(store, clock, self.signing)

    def answer(self, request: say.Requests) -> msgspec.Struct:
        """Do what is asked. Raises Refused."""
        match request:
            case say.Time():
                return self._clocks()
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
            case say.Standing():
                return self.restored.stand(request)
            case say.Destroy(opening=opening, evidence=evidence):
                return self.destroy(opening, evidence)

    def identity(self, opening: say.Opening, not_before: datetime) -> say.Bound:
        """The opening's identity, made on first asking. Asked again with a later time, it is bound later.

        Refused("identity-destroyed") when there was one, ("opening-time-past", 422) but in a sandbox, whose stories
        begin in the past, ("opening-time-too-far", 422).
        """
        if self._destroyed(opening):
            raise Refused("identity-destroyed", "The identity of this opening was destroyed, for ever.")
        if self._find(opening) is None:
            rules.must_be_near(self.installed.legal(), not_before)
            if not self.store.sandbox:
                rules.must_lie_ahead(self.installed.legal(), not_before)
            made, _ = new_identity()
            key = msgspec.structs.astuple(opening)
            with self.store.together():
                self.store.run("INSERT INTO identity VALUES (?, ?, ?, ?, ?, ?)", *key, made, text(not_before))
                self.store.note("identity", f"{opening} {text(not_before)}")
        return self.postpone(opening, not_before)

    def postpone(self, opening: say.Opening, not_before: datetime) -> say.Bound:
        """Bind a later time. Refused("opening-unknown", 404), ("opening-time-earlier"), as `identity` when too far."""
        row = self._known(opening)
        bound = moment(row["not_before"])
        rules.must_not_be_earlier(bound, not_before)
        if not_before > bound:
            rules.must_be_near(self.installed.legal(), not_before)
            with self.store.together():
                key = msgspec.structs.astuple(opening)
                self.store.run(BIND_LATER, text(not_before), *key)
                self.store.note("postponed", f"{opening} {text(not_before)}")
        recipient = recipient_of(row["identity"])
        return say.Bound(recipient, not_before, self.signing.bound(opening, recipient, not_before))

    def assert_opening(self, asked: say.Assert) -> say.Asserted:
        """Remember that a person wants this closing opened. The same again changes nothing."""
        rules.must_be_time(self.installed.legal(), moment(self._known(asked.opening)["not_before"]))
        self.restored.must_be_confirmed()
        self.persons.use_code(asked.person, asked.code, asked.leaf, asked.opening)
        return say.Asserted(tuple(sorted({one.person for one in self.persons.asserted(asked.opening, asked.leaf)})))

    def release(self, asked: say.Release) -> say.Granted:
        """Grant the opening of exactly the closed bids; of financial envelopes exactly those of who passed.

        The grant is the recorded intent: no key is used before it.

        The same evidence again gives the same answer. Refused as the rules say; "already-released" for another closing.
        """
        leaf = rules.leaf_of(asked.evidence)
        if (held := self._release(leaf)) is not None and _opening(held) == asked.opening:
            return say.Granted(leaf, moment(held["at"]))
        rules.must_be_time(self.installed.legal(), moment(self._known(asked.opening)["not_before"]))
        self.restored.must_be_confirmed()
        self.installed.must_know(asked.evidence)
        self._must_allow(asked)
        rules.must_be_two(self.persons.asserted(asked.opening, leaf), self.real())
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
        opening = _opening(held)
        parsed = parse_envelope(envelope)
        rules.must_belong(parsed, opening)
        first = "UPDATE released SET used_at = ? WHERE leaf = ? AND digest = ? AND used_at IS NULL"
        self.store.run(first, text(self.real()), leaf, name)
        return _unlocked(parsed, self._known(opening)["identity"])

    def destroy(self, opening: say.Opening, evidence: say.Evidence) -> say.Destroyed:
        """Forget the opening's identity, for ever. The same again gives the same answer.

        The thirty days count from when this keyholder was first shown the end: whoever writes the record writes its
        moments too. Refused("opening-unknown", 404), ("ending-differs", 422), ("ending-too-young"); as the ledger's
        rules say.
        """
        if (row := self._destroyed(opening)) is not None:
            return say.Destroyed(moment(row["at"]))
        self._known(opening)
        key, now = msgspec.structs.astuple(opening), self.real()
        self.installed.must_know(evidence)
        named = rules.must_end(evidence, opening, self._released(opening) is not None)
        leaf, legal = rules.leaf_of(evidence), self.installed.legal()
        rules.must_have_stood(max(named, self._seen(leaf, legal)), legal)
        with self.store.together():
            self.store.run("INSERT INTO destroyed VALUES (?, ?, ?, ?, ?, ?)", *key, leaf, text(now))
            self.store.run(DESTROY, *key)
            self.store.note("destroyed", f"{opening}")
        return say.Destroyed(now)

    def _clocks(self) -> say.Clocks:
        now, sandbox = self.real(), self.store.sandbox
        return say.Clocks(
            real=now,
            legal=now + self.installed.offset(),
            sandbox=sandbox,
            restored=self.restored.waits(),
            key=str(self.signing.key.verifier),
        )

    def _install(self, request: say.Pin | say.Clock) -> say.Done:
        if isinstance(request, say.Pin):
            self.installed.pin(request.verifier, request.origin)
        else:
            self.installed.move_clock(request.note)
        return say.Done()

    def _must_allow(self, asked: say.Release) -> None:
        """The evidence, which is known to be in the ledger, allows exactly what is asked."""
        if asked.opening.kind != say.FINANCIAL:
            return rules.must_close(asked.evidence, asked.opening, asked.digests, self.installed.legal())
        held = self._released(asked.opening)
        rows = self.store.all("SELECT digest FROM released WHERE leaf = ?", held["leaf"]) if held else []
        fixed = {row["digest"] for row in rows}
        rules.must_have_passed(asked.evidence, asked.opening, asked.digests, held["leaf"] if held else None, fixed)

    def _released(self, opening: say.Opening) -> Row | None:
        """The grant of this opening; for financial envelopes that of the technical ones, which come first."""
        first = msgspec.structs.replace(opening, kind=say.TECHNICAL) if opening.kind == say.FINANCIAL else opening
        return self.store.one(RELEASED, *msgspec.structs.astuple(first))

    def _find(self, opening: say.Opening) -> Row | None:
        return self.store.one(FIND, *msgspec.structs.astuple(opening))

    def _destroyed(self, opening: say.Opening) -> Row | None:
        return self.store.one(DESTROYED, *msgspec.structs.astuple(opening))

    def _seen(self, leaf: str, now: datetime) -> datetime:
        """When an end was first shown here: now, if it never was."""
        self.store.run("INSERT OR IGNORE INTO ending VALUES (?, ?)", leaf, text(now))
        row = self.store.one("SELECT seen_at FROM ending WHERE leaf = ?", leaf)
        assert row is not None
        return moment(row["seen_at"])

    def _known(self, opening: say.Opening) -> Row:
        if (row := self._find(opening)) is None:
            raise Refused("opening-unknown", "The keyholder has no identity for this opening.", status=404)
        return row

    def _release(self, leaf: str) -> Row | None:
        return self.store.one("SELECT * FROM release WHERE leaf = ?", leaf)


def _opening(row: Row) -> say.Opening:
    return say.Opening(row["tender"], row["lot_group"], row["kind"], row["round"])


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
