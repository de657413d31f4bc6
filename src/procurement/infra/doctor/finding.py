"""What the doctor says: one line about one thing, and what to do where something is wrong."""

from enum import StrEnum

import msgspec

SKEW = 1.0  # seconds between two clocks before legal time cannot be trusted


class State(StrEnum):
    OK = "ok"
    ADVICE = "advice"  # works, but should be otherwise in production
    BROKEN = "broken"  # needed, and does not work


class Finding(msgspec.Struct, frozen=True):
    about: str
    state: State
    text: str

    def line(self) -> str:
        return f"{self.state:>7}  {self.about}: {self.text}"


def ok(about: str, text: str) -> Finding:
    return Finding(about, State.OK, text)


def advice(about: str, text: str) -> Finding:
    return Finding(about, State.ADVICE, text)


def broken(about: str, text: str) -> Finding:
    return Finding(about, State.BROKEN, text)
