"""What running processes hold in their memory, as a core dump would: read from /proc, where that is permitted."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from scanner import dense
from whole_service import Up

PIECE = 16 << 20  # bytes read at once
MAPPING = re.compile(rb"([0-9a-f]+)-([0-9a-f]+) rw.p .*")  # what the process itself wrote; libraries are files


ROLES = ("web", "worker", "keyholder")
HOME = "home"  # every process has the name of its data folder in its environment: what is not found there is not there


def remembered(up: Up, secrets: Mapping[str, str]) -> dict[str, set[str]]:
    """What each process of the service holds, by its role. Skips the test where nobody may look."""
    family = up.family().items()
    found = {role: [pid for pid, words in family if f"procurement {role}" in words] for role in ROLES}
    if not all(is_readable(pid) for pids in found.values() for pid in pids):
        pytest.skip("the memory of other processes may not be read here")
    wanted = {**secrets, HOME: str(up.data)}
    return {role: set.union(*(held(pid, wanted) for pid in pids)) for role, pids in found.items()}


def spellings(secret: str) -> dict[str, bytes]:
    """The secret as programs hold text: UTF-8, and in wide strings."""
    return {how: secret.encode(how) for how in ("utf-8", "utf-16-le")}


def is_readable(pid: int) -> bool:
    """Whether this test may look, which needs the same user and a kernel that lets it."""
    try:
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            memory.seek(next(_mappings(pid))[0])
            return len(memory.read(1)) == 1
    except (OSError, StopIteration):
        return False


def held(pid: int, secrets: Mapping[str, str]) -> set[str]:
    """The names of those secrets that the process holds, in any spelling."""
    forms = [(name, form) for name, text in secrets.items() for form in spellings(text).values()]
    found: set[str] = set()
    for whole in _pieces(pid, max(len(form) for _, form in forms)):
        piece = dense(whole)
        found |= {name for name, form in forms if name not in found and form in piece}
    return found


def _pieces(pid: int, longest: int) -> Iterator[bytes]:
    """The memory in pieces that overlap, so that nothing lies across two of them."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for begin, end in _mappings(pid):
            for at in range(begin, end, PIECE):
                try:
                    memory.seek(at)
                    yield memory.read(min(PIECE + longest, end - at))
                except OSError:  # reserved, or given back meanwhile
                    continue


def _mappings(pid: int) -> Iterator[tuple[int, int]]:
    for line in Path(f"/proc/{pid}/maps").read_bytes().splitlines():
        if match := MAPPING.fullmatch(line):
            yield int(match[1], 16), int(match[2], 16)
