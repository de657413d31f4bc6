"""Whose codes count: enrolment, and checking a code."""

from collections.abc import Callable
from datetime import datetime, timedelta

from procurement.kernel.canonical import canonical
from procurement.kernel.refusal import Refused
from procurement.keyholder import rules, totp
from procurement.keyholder.protocol import Enrolled, Opening
from procurement.keyholder.store import Store, moment, text

ASSERTED = "SELECT person, at FROM code WHERE leaf = ? AND opening = ?"
USED = "INSERT OR IGNORE INTO code (person, step, leaf, at, opening) VALUES (?, ?, ?, ?, ?)"
CONFIRMATION = "confirmation"  # stands in for the leaf of the code that proves enrolment


class Persons:
    """`real` is the clock of codes. In a sandbox the legal clock makes codes too, for practice."""

    def __init__(self, store: Store, real: Callable[[], datetime], offset: Callable[[], timedelta]) -> None:
        self._store, self._real, self._offset = store, real, offset

    def state(self, person: str) -> Enrolled:
        row = self._store.one("SELECT ready FROM person WHERE id = ?", person)
        return Enrolled("none" if row is None else "ready" if row["ready"] else "waiting")

    def enrol(self, person: str) -> Enrolled:
        """A new secret, shown once. An unconfirmed one is replaced; Refused("already-enrolled") for a confirmed one:
        the keyholder's administrator resets it at the keyholder's own terminal."""
        if self.state(person).state == "ready":
            raise Refused("already-enrolled", "Your key codes are set up. Only the keyholder's staff can reset them.")
        secret = totp.new_secret()
        with self._store.together():
            self._store.run("INSERT OR REPLACE INTO person (id, secret) VALUES (?, ?)", person, secret)
            self._store.note("enrolled", person)
        return Enrolled("waiting", secret)

    def confirm(self, person: str, code: str) -> None:
        """The first right code makes the person ready."""
        self.use_code(person, code, CONFIRMATION)
        self._store.run("UPDATE person SET ready = 1 WHERE id = ?", person)

    def use_code(self, person: str, code: str, leaf: str, opening: Opening | None = None) -> None:
        """Check a code and bind its time step to `leaf` of `opening`, for ever.

        Refused("not-enrolled", 403), ("code-wrong", 403), ("code-used", 403), ("too-many", 429).
        """
        row = self._store.one("SELECT * FROM person WHERE id = ?", person)
        if row is None or not (row["ready"] or leaf == CONFIRMATION):
            raise Refused("not-enrolled", "Set up your key codes first, under your account.", status=403)
        now, last = self._real(), row["failed_at"] and moment(row["failed_at"])
        rules.must_not_be_guessing(row["failures"], last, now)
        clocks = {now.timestamp(), (now + self._offset()).timestamp()}
        step = totp.matching_step(row["secret"], code, tuple(clocks))
        if step is None:
            self._failed(person, now)
            raise Refused("code-wrong", "This is not your key code of this moment.", status=403)
        used = self._store.one("SELECT leaf, opening FROM code WHERE person = ? AND step = ?", person, step)
        named = _named(opening)
        rules.must_be_unused((used["leaf"], used["opening"]) if used else None, (leaf, named))
        with self._store.together():
            self._store.run("UPDATE person SET failures = 0, failed_at = NULL WHERE id = ?", person)
            self._store.run(USED, person, step, leaf, text(now), named)

    def asserted(self, opening: Opening, leaf: str) -> list[rules.Assertion]:
        """Codes that were given for exactly this. One of before codes named their opening counts for none."""
        rows = self._store.all(ASSERTED, leaf, _named(opening))
        return [rules.Assertion(row["person"], moment(row["at"])) for row in rows]

    def reset(self, person: str) -> None:
        """Forget a person's secret. Used codes stay used. At the keyholder's own terminal only."""
        with self._store.together():
            self._store.run("DELETE FROM person WHERE id = ?", person)
            self._store.note("reset", person)

    def _failed(self, person: str, now: datetime) -> None:
        sql = "UPDATE person SET failures = failures + 1, failed_at = ? WHERE id = ?"
        self._store.run(sql, text(now), person)


def _named(opening: Opening | None) -> str:
    """An opening as it stands beside a code."""
    return canonical(opening).decode() if opening else ""
