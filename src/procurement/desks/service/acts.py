"""What this person did, from the ledger: the record that counts, not a list kept beside it."""

from datetime import datetime

import msgspec

from procurement.infra.ledger.acts import acts_of
from procurement.infra.tx import Tx
from procurement.tenders.service import lists as tenders

PAGE = 50


class Did(msgspec.Struct, frozen=True):
    """One act: the type of its fact, and the procurement it belongs to, if any. `path` is "" where there is no page."""

    at: datetime
    what: str
    process: str
    title: str
    path: str


class Acts(msgspec.Struct, frozen=True):
    """The newest first; `next` is the `before` of the following page, none at the end."""

    acts: tuple[Did, ...]
    next: int | None


async def acts(tx: Tx, before: int | None = None) -> Acts:
    """Refused("sign-in-needed", 401) for nobody. Only what this person recorded, in every organisation."""
    tx.actor.must_be_somebody()
    found = await acts_of(tx.session, tx.actor.name, before, PAGE + 1)
    shown = found[:PAGE]
    named = await tenders.titles(tx, {act.process for act in shown if act.process})
    did = (Did(act.at, act.type, act.process, *named.get(act.process, ("", ""))) for act in shown)
    return Acts(tuple(did), shown[-1].id if len(found) > PAGE else None)
