"""What a monitor keeps between its rounds: a checkpoint, and when it saw what."""

import os
from datetime import datetime
from pathlib import Path

import msgspec


class State(msgspec.Struct, frozen=True):
    """`checkpoint` is the newest that was verified, signed; moments are the monitor's own, in UTC.

    `seen_at`: the last round; `changed_at`: the round in which that checkpoint was new; `newest`: the latest moment
    that any readable entry names, in legal time. `keyholder`: the keyholder's key that the log named last, "" when it
    had named none; None of a state that was kept before this was read. `open_since`: the index of the first open entry.
    """

    checkpoint: str
    seen_at: datetime
    changed_at: datetime
    newest: datetime | None = None
    keyholder: str | None = None
    open_since: int | None = None


def load(path: Path | None) -> State | None:
    """None where nothing is kept yet. Raises msgspec.MsgspecError for a file that is no state."""
    if path is None or not path.exists():
        return None
    return msgspec.json.decode(path.read_bytes(), type=State)


def save(path: Path, state: State) -> None:
    """Whole or not at all: a monitor that is killed goes on from the round before."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(msgspec.json.encode(state) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
