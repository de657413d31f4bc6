"""What a run costs in processor time, by who spends it: a figure that a busy machine hardly changes.

Read from /proc, of this process and all that it started; where there is none, nothing is known.
"""

import os
from collections import Counter
from pathlib import Path

TICK = 1000 / os.sysconf("SC_CLK_TCK")  # milliseconds
NAMES = {"postgres": "database", "valkey-server": "valkey"}


def spent() -> Counter[str]:
    """Milliseconds so far: "load" of this process, and of "web", "database" and "valkey" under it."""
    processes = dict(filter(None, map(_read, Path("/proc").glob("[0-9]*/stat"))))
    total: Counter[str] = Counter()
    for pid, (name, _, used) in processes.items():
        if pid == os.getpid():
            total["load"] += used
        elif _is_ours(pid, processes):
            total[NAMES.get(name, "web")] += used
    return total


def _is_ours(pid: int, processes: dict[int, tuple[str, int, int]]) -> bool:
    """Whether this process started it, or whoever did."""
    while pid in processes and pid != os.getpid():
        pid = processes[pid][1]
    return pid == os.getpid()


def _read(stat: Path) -> tuple[int, tuple[str, int, int]] | None:
    """A process by its id: name, parent, milliseconds. None for one that has ended meanwhile."""
    try:
        pid, _, rest = stat.read_text().partition(" (")
    except OSError:
        return None
    name, _, numbers = rest.rpartition(") ")
    values = numbers.split()
    return int(pid), (name, int(values[1]), round((int(values[11]) + int(values[12])) * TICK))
