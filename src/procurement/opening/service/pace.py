"""How often an opening is looked at that waits for people: ever more rarely, and at once when they bring something.

What fails through our own fault is no such wait: it is tried again every second.
"""

from collections.abc import Callable, Collection
from time import monotonic

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from procurement.infra.tx import Tx
from procurement.opening.service.acts import FIRST, Act

SHORTEST, LONGEST = 1.0, 60.0  # seconds; what passes by the clock alone, as a time of waiting, is seen that much later

Mark = tuple[object, ...]
"""How far an opening is, and what was brought to it: it changes with each share, kit and decision."""


class Pace:
    """What one worker remembers of the openings that wait, by tender."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._waits: dict[str, tuple[Mark, float, float]] = {}  # as it was, the pause, and when it is over

    def due(self, marks: dict[str, Mark]) -> list[str]:
        """Those of the openings in progress that are to be looked at now."""
        self._waits = {one: held for one, held in self._waits.items() if one in marks}
        return [one for one, mark in marks.items() if not self._rests(one, mark)]

    def waited(self, tender_id: str, mark: Mark) -> None:
        """Nothing was wrong with it, so it is shown now or waits for somebody."""
        held = self._waits.get(tender_id)
        pause = min(held[1] * 2, LONGEST) if held and held[0] == mark else SHORTEST
        self._waits[tender_id] = mark, pause, self._clock() + pause

    def hindered(self, tender_id: str) -> None:
        self._waits.pop(tender_id, None)

    def _rests(self, tender_id: str, mark: Mark) -> bool:
        held = self._waits.get(tender_id)
        return held is not None and held[0] == mark and self._clock() < held[2]


async def marks(tx: Tx, tender_ids: Collection[str], act: Act = FIRST) -> dict[str, Mark]:
    """In the order given; one question for all of them."""
    if not tender_ids:
        return {}
    row, given, kits = act.row, act.given, act.kits

    def of(figure: ColumnElement[int], tender: InstrumentedAttribute[str]) -> ColumnElement[int]:
        return select(figure).where(tender == row.tender_id).scalar_subquery()

    query = select(
        row.tender_id,
        row.released_at,
        row.shared_at,
        of(func.count(given.member), given.tender_id),
        of(func.sum(given.shares), given.tender_id),
        of(func.count(kits.given_at), kits.tender_id),
        of(func.count(kits.put_out_at), kits.tender_id),
    ).where(row.tender_id.in_(tender_ids))
    found = {one[0]: tuple(one[1:]) for one in await tx.session.execute(query)}
    return {one: found[one] for one in tender_ids if one in found}
