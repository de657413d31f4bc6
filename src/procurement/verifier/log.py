"""The log as a verifier sees it: every entry of it, held against its signed checkpoint."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import msgspec

from procurement.kernel import merkle, tiles
from procurement.kernel.checkpoint import BadNote, Checkpoint, VerifierKey, open_checkpoint
from procurement.kernel.entry import SALT, Record, gives, is_entry, is_open, read_record

Fetch = Callable[[str], bytes]
"""Gives what stands at a path below the service's address. Broken when nothing does."""

KEPT_BACK = "open-entry-unread"


class Broken(Exception):
    """The record is not what it promises to be. The message names the entry or the checkpoint; `code` is a stable name
    for programs, "" where there is none, and stands behind the message."""

    def __init__(self, what: str, code: str = "") -> None:
        super().__init__(f"{what} [{code}]" if code else what)
        self.code = code


class Entry(msgspec.Struct, frozen=True):
    """One entry as served: `record` and `salt` are "" while hidden."""

    index: int
    entry: str
    salt: str
    record: str


class Page(msgspec.Struct, frozen=True):
    """Some entries of the log, in order."""

    entries: list[Entry]


class Log:
    """Entries (of either kind) of a checked checkpoint."""

    def __init__(self, checkpoint: Checkpoint, entries: Sequence[bytes]) -> None:
        self.checkpoint, self.entries = checkpoint, entries
        self.leaves = [merkle.leaf_hash(entry) for entry in entries]

    @cached_property
    def places(self) -> dict[bytes, int]:
        """Entry -> index."""
        return {entry: index for index, entry in enumerate(self.entries)}


def opened(note: str, key: VerifierKey, what: str) -> Checkpoint:
    try:
        return open_checkpoint(note, key, key.name)
    except BadNote as wrong:
        raise Broken(f"{what}: {wrong}") from None


def read(fetch: Fetch, key: VerifierKey, earlier: str = "") -> Log:
    """Fetch the newest checkpoint, every entry below it and the tree's tiles, and hold them against each other.

    `earlier` is a signed checkpoint kept from before: the log must still begin as it did then.
    """
    checkpoint = opened(fetch("/ledger/checkpoint").decode(), key, "the newest checkpoint")
    log = Log(checkpoint, entries(fetch, 0, checkpoint.size))
    made = tiles.grow({}, 0, log.leaves)
    if tiles.tree_root(made, checkpoint.size) != checkpoint.root:
        raise Broken(_which(fetch, log))
    if earlier:
        _must_extend(log, opened(earlier, key, "the earlier checkpoint"))
    tiles_must_fit(fetch, made)
    return log


def served(fetch: Fetch, start: int, size: int) -> Iterator[Entry]:
    """The entries from `start` on and below `size`, in order. Broken names the one that is missing."""
    expected = start
    while expected < size:
        page = msgspec.json.decode(fetch(f"/ledger/entries?start={expected}"), type=Page).entries
        if not page:
            raise Broken(f"entry {expected} is missing from the record")
        for entry in page[: size - expected]:
            if entry.index != expected:
                raise Broken(f"entry {expected} is missing from the record")
            yield entry
            expected += 1


def must_belong(log: Log, entry: Entry) -> Record | None:
    """The record of an entry that is served with it, or nothing while it is hidden; Broken when they do not fit."""
    if not 0 <= entry.index < log.checkpoint.size:
        raise Broken(f"entry {entry.index} is not in the signed log")
    return record_of(entry, log.entries[entry.index])


def record_of(entry: Entry, held: bytes) -> Record | None:
    """The same of an entry whose bytes in the log are `held`. Broken also for an open one without its record."""
    if held.hex() != entry.entry:
        raise Broken(f"entry {entry.index} was altered: the log holds another one at its place")
    if not entry.record:
        if is_open(held):
            raise Broken(f"entry {entry.index} is marked open, and its record is kept back", KEPT_BACK)
        return None
    if len(entry.salt) != 2 * SALT:
        raise Broken(f"entry {entry.index} is served with a salt of another length")
    if not gives(bytes.fromhex(entry.salt), entry.record.encode(), held):
        raise Broken(f"entry {entry.index} was altered: its record does not give its entry")
    try:
        return read_record(entry.record.encode())
    except (ValueError, TypeError, RecursionError) as wrong:
        raise Broken(f"entry {entry.index} is malformed: {wrong}") from None


def entries(fetch: Fetch, start: int, size: int) -> list[bytes]:
    """The bytes of each entry from `start` on and below `size`, from the bundles. Broken names a missing one."""
    found: list[bytes] = []
    while start + len(found) < size:
        first = start + len(found)
        base = first - first % tiles.WIDTH
        bundle = _bundle(fetch, base, min(tiles.WIDTH, size - base))
        found += bundle[first - base :]
    return found


def _bundle(fetch: Fetch, start: int, width: int) -> list[bytes]:
    path = tiles.path_of((0, start // tiles.WIDTH), width).replace("tile/0/", "tile/entries/", 1)
    try:
        bundle = fetch(f"/ledger/{path}")
    except Broken:
        deque(served(fetch, start, start + width), maxlen=0)  # says which entry is missing, if one is
        raise
    try:
        found = tiles.unbundled(bundle)
    except ValueError:
        found = []
    if len(found) != width or not all(map(is_entry, found)):
        raise Broken(f"the bundle at entry {start} is malformed")
    return found


def _which(fetch: Fetch, log: Log) -> str:
    """Which entry no longer fits the tree: the first whose leaf is not the one in the tree's own tile."""
    for start in range(0, log.checkpoint.size, tiles.WIDTH):
        width = min(tiles.WIDTH, log.checkpoint.size - start)
        stored = tiles.hashes_of(fetch(f"/ledger/{tiles.path_of((0, start // tiles.WIDTH), width)}"))
        for index, (leaf, hash_) in enumerate(zip(log.leaves[start:], stored, strict=False), start):
            if leaf != hash_:
                return f"entry {index} was altered: it is not the one that the tree holds"
    return f"the entries do not give the signed root of size {log.checkpoint.size}"


def _must_extend(log: Log, earlier: Checkpoint) -> None:
    if earlier.size > log.checkpoint.size:
        raise Broken(f"the log has shrunk from {earlier.size} to {log.checkpoint.size} entries")
    if merkle.root(log.leaves[: earlier.size]) != earlier.root:
        raise Broken(f"the log was rewritten: its first {earlier.size} entries are not those of the earlier checkpoint")


def tiles_must_fit(fetch: Fetch, made: tiles.Tiles) -> None:
    """The tiles, from which everybody's proofs are made, are those of the entries."""
    for (level, index), right in made.items():
        path = tiles.path_of((level, index), len(right) // tiles.HASH)
        held = fetch(f"/ledger/{path}")
        if len(held) != len(right):
            raise Broken(f"{path} was altered: it holds {len(held)} bytes, not {len(right)}")
        pairs = zip(tiles.hashes_of(held), tiles.hashes_of(right), strict=True)
        for place, (stored, hash_) in enumerate(pairs):
            if stored != hash_:
                first = (index * tiles.WIDTH + place) * tiles.WIDTH**level
                raise Broken(f"{path} was altered: it does not hold the hash of entry {first}")
