"""A store that came back from an older copy has forgotten what was promised since: later times, grants, ends of keys.

So it releases nothing until the keyholder's staff confirmed the times at its own terminal. It learns of the return from
the command that restores, or from whoever remembers an entry of its journal that it no longer has.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

from procurement.kernel.refusal import Refused
from procurement.keyholder import protocol as say
from procurement.keyholder.signing import Signing
from procurement.keyholder.store import Store, text

WORD = 12  # hex digits
AWAITED = """
SELECT tender, lot_group, kind, round, not_before FROM identity WHERE NOT EXISTS (SELECT 1 FROM release WHERE
    (release.tender, release.lot_group, release.kind, release.round)
        = (identity.tender, identity.lot_group, identity.kind, identity.round))
    ORDER BY tender, lot_group, kind, round
"""
AWAY = "INSERT INTO destroyed SELECT tender, lot_group, kind, round, '', ? FROM identity WHERE tender = ?"


class NotConfirmed(Exception):
    """What was asked at the terminal cannot be done. The message is for the person there."""


class Restored:
    """`real` is the keyholder's own clock, `signing` its own key."""

    def __init__(self, store: Store, real: Callable[[], datetime], signing: Signing) -> None:
        self.store, self.real, self.signing = store, real, signing

    def waits(self) -> bool:
        """Whether the times still have to be confirmed."""
        return self.store.one("SELECT 1 FROM restored") is not None

    def must_be_confirmed(self) -> None:
        """Refused("keyholder-restored") until then."""
        if self.waits():
            raise Refused(
                "keyholder-restored",
                "The keyholder was restored from a copy. Its staff first has to confirm until when each tender stays "
                "closed. No bid is lost; try again later.",
            )

    def stand(self, asked: say.Standing) -> say.Stands:
        """How far the journal has come. Whoever remembers an entry that is not in it shows that the store is older.

        Refused("standing-unsigned", 422), and nothing changes, for an entry that this keyholder never said it had:
        otherwise a word of anybody's could halt all openings.
        """
        if asked.number:
            self.signing.must_have_said(asked.number, asked.mark, asked.signature)
        if asked.number and self._mark(asked.number) != asked.mark and not self.waits():
            with self.store.together():
                self.store.run("INSERT INTO restored VALUES (1, ?)", text(self.real()))
                self.store.note("restored", f"entry {asked.number} is missing")
        newest = self.store.one("SELECT max(id) AS id FROM journal")
        number = (newest and newest["id"]) or 0
        mark = self._mark(number)
        signature = self.signing.stands(number, mark)
        return say.Stands(number=number, mark=mark, restored=self.waits(), signature=signature)

    def awaited(self) -> list[str]:
        """What is to be confirmed: of each opening that was not granted, in a line, until when it stays closed."""
        return [
            " ".join([row["tender"], *filter(None, [row["lot_group"]]), row["kind"], str(row["round"]),
                      "stays closed until", row["not_before"]])
            for row in self.store.all(AWAITED)
        ]  # fmt: skip

    def word(self, lines: Sequence[str]) -> str:
        """What confirms exactly these lines."""
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:WORD]

    def confirm(self, word: str) -> None:
        """The staff compared the lines with what was published. NotConfirmed for another word than theirs."""
        if not self.waits():
            raise NotConfirmed("This store waits for nothing: it was not restored, or is confirmed.")
        with self.store.together():
            if word != self.word(self.awaited()):
                raise NotConfirmed("The times are not, or no longer, those of this word. Read them again.")
            self.store.run("DELETE FROM restored")
            self.store.note("confirmed", word)

    def end(self, tender: str) -> None:
        """Destroy once more what the copy brought back, of a tender whose key is known to be destroyed. NotConfirmed
        for a store that was not restored: there only the public record destroys."""
        if not self.waits():
            raise NotConfirmed("Only in a restored store that is not confirmed yet are keys destroyed here.")
        if self.store.one("SELECT 1 FROM identity WHERE tender = ?", tender) is None:
            raise NotConfirmed(f"This store has no key of {tender}.")
        with self.store.together():
            self.store.run(AWAY, text(self.real()), tender)
            self.store.run("DELETE FROM identity WHERE tender = ?", tender)
            self.store.note("destroyed", f"{tender} at the terminal, after a restore")

    def _mark(self, number: int) -> str:
        row = self.store.one("SELECT * FROM journal WHERE id = ?", number)
        return hashlib.sha256("\n".join(map(str, row)).encode()).hexdigest() if row else ""
