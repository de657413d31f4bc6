"""Time between two looks, by a clock that nobody sets."""

import time


def seconds() -> float:
    """Since some moment in the past; also while the machine sleeps, where its system can tell."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Steady:
    """When something was last done, in this process."""

    def __init__(self) -> None:
        self._last: float | None = None

    def elapsed(self) -> float | None:
        """Seconds since then; None before the first time."""
        return None if self._last is None else seconds() - self._last

    def done(self) -> None:
        self._last = seconds()
