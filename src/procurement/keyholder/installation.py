"""What a keyholder believes: one ledger, the witnesses of that ledger, and in a sandbox a clock that is moved."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from procurement.kernel.checkpoint import BadNote, VerifierKey
from procurement.kernel.cosignature import WitnessKey
from procurement.kernel.refusal import Refused
from procurement.keyholder import protocol as say
from procurement.keyholder import rules
from procurement.keyholder.store import Store


class Installation:
    """`real` is the keyholder's own clock."""

    def __init__(self, store: Store, real: Callable[[], datetime]) -> None:
        self.store, self.real = store, real

    def legal(self) -> datetime:
        return self.real() + self.offset()

    def offset(self) -> timedelta:
        return timedelta(seconds=self.store.installation()["offset_seconds"] or 0)

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
        verifier, origin = self.ledger()
        held = self.store.installation()["offset_seconds"]
        current = None if held is None else timedelta(seconds=held)
        offset = rules.new_offset(note, verifier, origin, current)
        self.store.run("UPDATE installation SET offset_seconds = ?", offset // timedelta(seconds=1))

    def ledger(self) -> tuple[VerifierKey, str]:
        """The pinned key and origin. Refused("not-pinned", 503)."""
        held = self.store.installation()
        if held["verifier"] is None:
            raise Refused("not-pinned", "No ledger has been pinned yet.", status=503)
        return VerifierKey.parse(held["verifier"]), held["origin"]

    def pin_witnesses(self, keys: Sequence[str], needed: int) -> None:
        """Ask for cosignatures of `needed` of these witnesses, and no longer of those before: only at the keyholder's
        own terminal. BadNote for what is no witness's key, or a number that these cannot reach."""
        named = {str(WitnessKey.parse(key)) for key in keys}
        if not ((named and 1 <= needed <= len(named)) or (not named and not needed)):
            raise BadNote("so many cosignatures cannot be asked of these witnesses")
        with self.store.together():
            self.store.run("DELETE FROM witness")
            for key in sorted(named):
                self.store.run("INSERT INTO witness VALUES (?, ?)", key, needed)
            self.store.note("witnesses", f"{needed} of {' '.join(sorted(named))}")

    def must_know(self, evidence: say.Evidence) -> None:
        """Refused("closing-unproven", 422) unless the record is in the pinned ledger, ("closing-unwitnessed") unless
        its witnesses say so too."""
        rules.must_be_in_ledger(evidence, *self.ledger())
        rows = self.store.all("SELECT key, needed FROM witness")
        if rows:
            rules.must_be_witnessed(evidence, [WitnessKey.parse(row["key"]) for row in rows], rows[0]["needed"])
