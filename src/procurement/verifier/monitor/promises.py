"""What the keyholder said, as the log grows: under one key, in every fact that names an opening time."""

from collections.abc import Collection

from procurement.kernel.entry import Record
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_record import KEY, MOVES, PURPOSE, Told, must_be_said
from procurement.verifier.log import Broken


class Promises:
    """`key` is the keyholder's that the log named last, "" before the first; `trusted` are those that are known from
    its operator, without any the first that is seen."""

    def __init__(self, key: str, trusted: Collection[str] = ()) -> None:
        self.key, self.trusted = key, trusted

    def read(self, index: int, record: Record) -> None:
        """The next record. Broken for another key of the keyholder, and for an opening time without its word."""
        if record.type == KEY and record.fact["purpose"] == PURPOSE:
            self._named(index, str(record.fact["verifier"]))
        elif record.type in MOVES and (self.key or record.fact.get("opening_keys")):
            published = record.fact if record.type == MOVES[0] else None
            try:
                must_be_said(Told(index, record.type, record.fact), self.key, published)
            except Refused as no:
                raise Broken(f"entry {index}: {no.detail}") from None

    def must_be_trusted(self) -> None:
        """Broken where the log names another key than those known from its operator."""
        if self.trusted and self.key and self.key not in self.trusted:
            raise Broken(f"the log names another key of the keyholder than its operator does: {self.key}")

    def _named(self, index: int, verifier: str) -> None:
        known = self.trusted or [self.key or verifier]
        if verifier not in known:
            raise Broken(
                f"entry {index} names another key of the keyholder: {verifier}. Ask its operator; if it is its own, go "
                "on with --keyholder for each key that is"
            )
        self.key = verifier
