"""How far an evaluation has come, without anything that it says of a bid."""

from datetime import datetime

import msgspec

from procurement.evaluation.rules.state import Evaluator, Technical


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """`checked` bids have passed or failed; in `talks` cells the locked scores differ and nothing is agreed yet;
    `explained` prices wait for the chair's decision. `technical` is the technical result, once it is proposed."""

    evaluators: tuple[Evaluator, ...] = ()
    checked: int = 0
    talks: int = 0
    explained: int = 0
    concluded_at: datetime | None = None
    technical: Technical | None = None

    def evaluator(self, person: str) -> Evaluator | None:
        return next((one for one in self.evaluators if one.person == person), None)

    @property
    def cleared(self) -> bool:
        """The whole committee has declared, and nobody has a conflict."""
        return bool(self.evaluators) and all(one.cleared for one in self.evaluators)

    @property
    def locked(self) -> bool:
        return bool(self.evaluators) and all(one.locked_at is not None for one in self.evaluators)
