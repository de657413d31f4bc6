"""Where a further page begins, as its address says it: "<rows before it>-<id of the last of them>".

PostgreSQL goes on behind that row, Meilisearch behind so many; either reads what the other wrote.
"""

import re

from procurement.kernel.refusal import Refused, invalid

PLACE = re.compile(r"([0-9]{1,9})-(.+)", re.DOTALL)


def place(after: str) -> tuple[int, str]:
    """How many rows came before, and the id of the last; 0 and "" on the first page. Refused("form-invalid")."""
    if not after:
        return 0, ""
    if (found := PLACE.fullmatch(after)) is None:
        raise damaged()
    return int(found[1]), found[2]


def damaged() -> Refused:
    return invalid("This address of a further page is damaged. Search again from the first page.")
