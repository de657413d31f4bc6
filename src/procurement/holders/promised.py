"""That the keyholder itself says until when bids are kept closed, in what everybody can read of the public record.

A closing is hidden from everybody until the opening, so whoever has the log's key could show a holder one of its own,
with a deadline of its own. The keyholder's word stands in open entries, and names the same time to everybody.
"""

from collections.abc import Sequence
from datetime import datetime

from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.cosignature import Quorum
from procurement.kernel.entry import hidden_among, read_record
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_record import Told, Word, must_cover
from procurement.keyholder.protocol import Evidence
from procurement.keyholder.rules import must_be_in_ledger


def promised(
    word: Sequence[Evidence], tender: str, opens: datetime, log: VerifierKey, keyholder: str, witnesses: Quorum
) -> Word:
    """The keyholder's newest word on the openings of `tender`, of which `opens` is shown as the time.

    `keyholder` is its key as the holder knows it; "" takes the one that the record names. Refused("opening-key-wrong",
    422), ("checkpoint-unwitnessed").
    """
    for one in word:
        _must_stand(one, log)
        witnesses.must_have_cosigned(one.checkpoint)
    if hidden := hidden_among(word):
        raise _wrong(f"entry {hidden[0]} is hidden in the record: others may not be able to read it")
    return must_cover(map(_told, word), tender, opens, keyholder)


def _must_stand(one: Evidence, log: VerifierKey) -> None:
    try:
        must_be_in_ledger(one, log, log.name)
        read_record(one.record.encode())
    except (Refused, ValueError):
        raise _wrong(f"entry {one.index} does not stand in the signed record as it was sent") from None


def _told(one: Evidence) -> Told:
    said = read_record(one.record.encode())
    return Told(one.index, said.type, said.fact)


def _wrong(why: str) -> Refused:
    return Refused("opening-key-wrong", f"The keyholder's word does not hold: {why}.", status=422)
