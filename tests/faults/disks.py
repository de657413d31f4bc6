"""A small disk below one folder of a service: a tmpfs in a mount namespace of its own, so that no privilege is needed
where user namespaces are allowed. The test reaches it through `/proc`, fills it, and makes room again."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from whole_service import Up

APART = ("unshare", *(() if os.geteuid() == 0 else ("--user", "--map-root-user")), "--mount", "sh", "-c")
MOUNT = 'mount -t tmpfs -o size="$1" small "$2" && cp -a "$3/." "$2/" && shift 3 && exec "$@"'
MIB = 1 << 20
BLOCK = bytes(64 << 10)


def mounted(size: int, folder: Path, before: Path) -> tuple[str | Path, ...]:
    """What a command begins with to see a disk of `size` bytes at `folder`, which holds what `before` does.

    Skips the test, with the reason, where no disk can be mounted.
    """
    trial = subprocess.run([*APART, "mount -t tmpfs -o size=1m trial /mnt"], capture_output=True, text=True)
    if trial.returncode:
        pytest.skip(f"no disk can be mounted here, not even in a namespace: {trial.stderr.strip()}")
    return (*APART, MOUNT, "sh", str(size), folder, before)


class SmallDisk:
    """The disk at `folder`, as the processes of the service see it."""

    def __init__(self, up: Up, folder: Path) -> None:
        assert up.process
        self.inside = Path(f"/proc/{up.process.pid}/root{folder}")

    @contextmanager
    def full(self) -> Iterator[None]:
        """To the last byte, until there is room again."""
        filling = self.inside / "filling"
        try:
            self.fill(filling)
            yield
        finally:
            filling.unlink()

    @staticmethod
    def fill(file: Path) -> None:
        """Append until nothing more is taken: also what was given free meanwhile."""
        with file.open("ab", buffering=0) as filling:
            for size in (len(BLOCK), 1):
                with suppress(OSError):
                    while filling.write(BLOCK[:size]):
                        pass
