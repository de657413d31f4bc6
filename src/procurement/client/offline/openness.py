"""Whether everybody can read what the tender file shows of the public record.

Whoever has the log's key could enter facts that look hidden to everybody, and reveal them to one bidder alone. An open
entry cannot be: `procurement monitor` and `verify` ask for the record behind each of them.
"""

from collections.abc import Sequence

from procurement.client.offline import Cannot
from procurement.client.offline.tender_file import Proven
from procurement.kernel.entry import hidden_among


def must_be_open(entries: Sequence[Proven]) -> None:
    """Cannot unless each of them, which are known to stand in the signed log, is an open entry, or its record is
    repeated in one, word by word."""
    for index in hidden_among(entries):
        raise Cannot(
            f"Entry {index} in this file is hidden in the record: others may not be able to read it. If the "
            "service was upgraded a moment ago, fetch the tender again in some minutes. Else do not use this file."
        )
