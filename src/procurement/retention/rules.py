"""The table of record classes, read from data, and the rules of legal holds."""

import tomllib
from datetime import datetime, timedelta
from typing import ClassVar, Literal

import msgspec

from procurement.kernel.actor import must_be_two
from procurement.kernel.fact import Fact, Visible
from procurement.kernel.refusal import Refused

About = Literal["process", "organisation", "person"]
LONGEST_REASON = 2000  # characters


class RecordClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept, how long and why. `days` counts from what `since` says; `basis` is the article, or "default".

    `ends` says who ends it: the retention job; the part that keeps it, by itself; or nobody, for it is kept for ever.
    `covers` names classes of the stages that are told as this one, and never in numbers: a number would say that
    somebody prepared a bid, where nobody may know it.
    """

    name: str
    title: str
    since: str
    basis: str
    days: int | None = None
    ends: Literal["job", "itself", "never"] = "job"
    covers: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """The classes of the stages that it stands for."""
        return self.covers or (self.name,)

    def cutoff(self, now: datetime) -> datetime | None:
        """What began before it is due; nothing is while there is none."""
        return now - timedelta(days=self.days) if self.ends == "job" and self.days is not None else None


class RecordsErased(Fact, frozen=True, kw_only=True):
    """What retention ended in one batch: the number of records of each class; none of a class that covers others."""

    counts: dict[str, int]


class LegalHoldPlaced(Fact, frozen=True, kw_only=True):
    """From here on nothing about this procurement, organisation or person is erased."""

    visible: ClassVar[Visible] = Visible.NEVER

    hold: str
    about: str
    subject: str


class LegalHoldLiftRequested(Fact, frozen=True, kw_only=True):
    """One person asked that a hold ends; a second one decides."""

    visible: ClassVar[Visible] = Visible.NEVER

    hold: str


class LegalHoldLifted(Fact, frozen=True, kw_only=True):
    """The hold has ended: what is due may be erased again."""

    visible: ClassVar[Visible] = Visible.NEVER

    hold: str


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A legal hold. `lift_asked_by` and `lifted_by` are persons, "" while nobody did."""

    id: str
    about: About
    subject: str
    reason: str
    placed_by: str
    placed_at: datetime
    lift_asked_by: str = ""
    lift_asked_at: datetime | None = None
    lift_reason: str = ""
    lifted_by: str = ""
    lifted_at: datetime | None = None


def read(text: str) -> tuple[RecordClass, ...]:
    """The classes of a retention table (TOML). Raises ValueError that names what is wrong."""
    try:
        table = msgspec.convert(tomllib.loads(text), dict[str, list[RecordClass]])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise ValueError(f"the retention table is wrong: {wrong}") from None
    classes = tuple(table.get("class", ()))
    for one in classes:
        if (one.days is None) != (one.ends == "never"):
            raise ValueError(f"the retention table is wrong: {one.name} needs days unless it never ends")
    return classes


def reason(typed: str) -> str:
    """Refused("form-invalid", 422) without a reason: somebody has to understand the hold in years to come."""
    if not 1 <= len(typed.strip()) <= LONGEST_REASON:
        words = f"Say why, in at most {LONGEST_REASON} characters."
        raise Refused("form-invalid", words, status=422, fields={"reason": words})
    return typed.strip()


def may_ask_to_lift(hold: Hold) -> None:
    must_stand(hold)
    if hold.lift_asked_by:
        raise Refused("lift-asked", "Somebody has already asked to lift this hold. A second person decides.")


def may_lift(hold: Hold, person: str) -> None:
    """Refused("lift-not-asked"), ("hold-lifted"), ("same-person", 403)."""
    must_stand(hold)
    if not hold.lift_asked_by:
        raise Refused("lift-not-asked", "Nobody has asked to lift this hold. Ask first; a second person then decides.")
    must_be_two(hold.lift_asked_by, person)


def must_stand(hold: Hold) -> None:
    if hold.lifted_at is not None:
        raise Refused("hold-lifted", "This hold was lifted already.")
