"""The life of one procurement as eleven rows: the only place that decides how any page draws it."""

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec

Date = str | datetime  # words already written, or a moment that the page writes in official time


def N_(text: str) -> str:
    """Marks a text for translation where it is drawn, not here."""
    return text


class Stage(msgspec.Struct, frozen=True):
    key: str
    name: str
    shape: str = "line"  # how its piece of the line is engraved


STAGES = (
    Stage("plan", N_("Plan")),
    Stage("published", N_("Published")),
    Stage("questions", N_("Questions")),
    Stage("sealed", N_("Sealed bidding"), "sealed"),
    Stage("opening", N_("Opening"), "opening"),
    Stage("evaluation", N_("Evaluation"), "evaluation"),
    Stage("award", N_("Award")),
    Stage("standstill", N_("Standstill")),
    Stage("contract", N_("Contract")),
    Stage("delivery", N_("Delivery")),
    Stage("paid", N_("Paid")),
)
KEYS = tuple(stage.key for stage in STAGES)
LASTING = frozenset({"questions", "sealed", "evaluation", "standstill", "delivery"})  # dated by their end: "until"
TO_THE_MINUTE = frozenset({"sealed", "opening"})

WORDS = {
    "past": N_("done"),
    "now": N_("you are here"),
    "next": N_("to come"),
    "skip": N_("skipped"),
    "gone": N_("will not happen"),
}


class Row(msgspec.Struct, frozen=True):
    """One stage as drawn; `state` is past, now, next, skip, stop, hold or gone."""

    key: str
    name: str
    date: Date
    state: str
    shape: str
    word: str  # the state in words, for who does not see the drawing
    show: bool  # keep its name and date in the compact form

    @property
    def current(self) -> bool:
        return self.state in {"now", "stop", "hold"}


def life(
    now: str,
    dates: Mapping[str, Date] | None = None,
    skip: Collection[str] = (),
    stop: str = "",
    hold: str = "",
    show: Collection[str] = (),
    names: Mapping[str, str] | None = None,
) -> tuple[Row, ...]:
    """Eleven rows with `now` as the current stage; `stop` (ended here) and `hold` (paused here) say why in words."""
    here = KEYS.index(now)

    def row(place: int, stage: Stage) -> Row:
        state = _state(place - here, stage.key in skip, bool(stop), bool(hold))
        return Row(
            key=stage.key,
            name=(names or {}).get(stage.key, stage.name),
            date=(dates or {}).get(stage.key, ""),
            state=state,
            shape=stage.shape,
            word=stop if state == "stop" else hold if state == "hold" else WORDS[state],
            show=stage.key in show,
        )

    return tuple(row(place, stage) for place, stage in enumerate(STAGES))


def _state(steps_ahead: int, skipped: bool, stopped: bool, held: bool) -> str:
    if steps_ahead == 0:
        return "stop" if stopped else "hold" if held else "now"
    if steps_ahead > 0 and stopped:
        return "gone"
    if skipped:
        return "skip"
    return "past" if steps_ahead < 0 else "next"


class Milestones(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one procurement's moments (UTC); None where it has not happened or is not planned."""

    planned_at: datetime | None = None
    published_at: datetime | None = None
    questions_until: datetime | None = None
    deadline: datetime | None = None
    opening_at: datetime | None = None  # planned
    opened_at: datetime | None = None
    evaluated_at: datetime | None = None
    awarded_at: datetime | None = None
    standstill_until: datetime | None = None
    contract_at: datetime | None = None
    delivered_at: datetime | None = None
    paid_at: datetime | None = None
    cancelled_at: datetime | None = None
    unsuccessful_at: datetime | None = None  # decided that nobody gets the contract
    hold: str = ""  # why it is paused, in words; empty: it is not

    def stage(self, now: datetime) -> str:
        """The key of the stage that `now` falls in; a cancelled one stays where it was."""
        if self.cancelled_at and now > self.cancelled_at:
            now = self.cancelled_at

        def passed(moment: datetime | None) -> bool:
            return moment is not None and moment <= now

        reached = (
            ("paid", passed(self.paid_at)),
            ("delivery", passed(self.delivered_at)),
            ("contract", passed(self.contract_at) or (passed(self.awarded_at) and passed(self.standstill_until))),
            ("standstill", passed(self.awarded_at)),
            ("award", passed(self.evaluated_at)),
            ("evaluation", passed(self.opened_at)),
            ("opening", passed(self.deadline)),
            ("questions", passed(self.published_at) and not passed(self.questions_until or self.published_at)),
            ("sealed", passed(self.published_at)),
        )
        return next((key for key, is_reached in reached if is_reached), "plan")

    def dates(self) -> dict[str, datetime]:
        moments = {
            "plan": self.planned_at,
            "published": self.published_at,
            "questions": self.questions_until,
            "sealed": self.deadline,
            "opening": self.opened_at or self.opening_at,
            "evaluation": self.evaluated_at,
            "award": self.awarded_at,
            "standstill": self.standstill_until,
            "contract": self.contract_at,
            "delivery": self.delivered_at,
            "paid": self.paid_at,
        }
        return {key: moment for key, moment in moments.items() if moment}


def line(milestones: Milestones, now: datetime, show: Collection[str] = ()) -> tuple[Row, ...]:
    """The rows of a real procurement at the legal time `now`."""
    here, dates = milestones.stage(now), milestones.dates()
    if milestones.cancelled_at and milestones.cancelled_at <= now:
        dates[here] = milestones.cancelled_at
        return life(here, dates, stop=N_("cancelled"), names={here: N_("Cancelled")})
    if milestones.unsuccessful_at and milestones.unsuccessful_at <= now:
        return life(here, dates, stop=N_("ended without award"), names={here: N_("No award")}, show=show)
    skip = () if milestones.questions_until or here in {"plan", "published"} else ("questions",)
    return life(here, dates, skip=skip, hold=milestones.hold, show=show)
