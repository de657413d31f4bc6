"""`?dry_run=true`: a change is made wholly, answered, and undone.

Every rule is asked as it would be, under the same locks, and the answer is the one that would have come; nothing is
recorded, sent or stored. It is part of the address and no header, so that nothing between a program and this service
can drop it and turn a rehearsal into the act. What leaves the database cannot be undone: those routes say
`NOT_REHEARSED` in their `opt`, and refuse.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar import Request
from sqlalchemy import text

from procurement.infra.tx import Tx
from procurement.infra.web import csrf
from procurement.kernel.refusal import Refused, invalid

PARAMETER = "dry_run"
HEADER = "Dry-Run"
NOT_REHEARSED = {"dry_run": "impossible"}
COMMIT_CHECKS = text("SET CONSTRAINTS ALL IMMEDIATE")


class _Undone(Exception):
    """Raised instead of committing."""


def asked(request: Request[Any, Any, Any]) -> bool:
    """Whether this request is only to be rehearsed. Pages and reading know no such thing.

    Refused("dry-run-impossible", 409) where the change leaves the database, ("form-invalid", 422) for another word.
    """
    if request.method in csrf.SAFE or not request.url.path.startswith("/api/"):
        return False
    word = request.query_params.get(PARAMETER, "false")
    if word not in ("true", "false"):
        raise invalid("Write true or false.", dry_run="Write true, or leave it away.")
    if word == "true" and possible(request.route_handler.opt) is False:
        raise Refused(
            "dry-run-impossible",
            "This change cannot be tried without making it: part of it happens outside the database. "
            "Nothing was done. Leave dry_run away to make it.",
        )
    return word == "true"


def possible(opt: dict[str, Any]) -> bool:
    return opt.get("dry_run") != "impossible"


@contextmanager
def forgiven() -> Iterator[None]:
    """Around the transaction: what `undo` raises ends here."""
    try:
        yield
    except _Undone:
        return


async def undo(tx: Tx) -> None:
    """Everything that a commit would still check is checked; then all of it is rolled back."""
    await tx.session.flush()
    await tx.session.execute(COMMIT_CHECKS)
    raise _Undone
