"""What a drill found: printed as it goes, then written down with its date and who answers for it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

STAMP = "%Y%m%dT%H%M%SZ"


class Report:
    """Lines of figures. `green` while every check has held."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say, self.began = say, datetime.now(UTC)
        self.lines: list[str] = []
        self.green = True

    def figure(self, text: str) -> None:
        """A fact that is neither good nor bad."""
        self._line("      ", text)

    def check(self, holds: bool, text: str) -> None:
        self.green = self.green and holds
        self._line("  ok  " if holds else "WRONG ", text)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """A part of the drill, with the seconds it takes."""
        began = time.monotonic()
        yield
        self.figure(f"{name}: {time.monotonic() - began:.1f} s")

    def write(self, folder: Path, by: str) -> Path:
        """Into a file named after its date, which is never written over."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"drill-{self.began.strftime(STAMP)}.txt"
        verdict = "GREEN: everything was restored and verified." if self.green else "RED: see the lines that say WRONG."
        signed = f"Signed off by: {by or '(nobody named; run with --by)'}"
        date = f"Backup drill of {self.began:%Y-%m-%d %H:%M:%S} UTC"
        with path.open("x") as file:
            file.write("\n".join([date, "", *self.lines, "", verdict, signed, ""]))
        return path

    def _line(self, mark: str, text: str) -> None:
        self.lines.append(f"{mark}{text}")
        self._say(self.lines[-1])


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
