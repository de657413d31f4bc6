"""One round of a monitor. Every check raises Broken, whose text names what is wrong."""

import base64
import random
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

import msgspec

from procurement.kernel import merkle, tiles
from procurement.kernel.checkpoint import PRACTICE, Checkpoint, VerifierKey
from procurement.verifier.log import Broken, Fetch, entries, opened, record_of, served, tiles_must_fit
from procurement.verifier.monitor.company import Watched, must_be_witnessed, must_continue
from procurement.verifier.monitor.promises import Promises
from procurement.verifier.monitor.state import State
from procurement.verifier.openness import Openness

ANY = random.SystemRandom().randrange  # nobody who serves the log can know which old entries are read again


class Bounds(msgspec.Struct, frozen=True):
    """How far times may go back between entries, and for how long nothing new may come."""

    back: timedelta = timedelta(minutes=5)
    silence: timedelta = timedelta(hours=6)


class Round(msgspec.Struct, frozen=True):
    """`state` is what to keep; `entries` were new, `again` old ones were read again; `witnesses` cosigned lately."""

    state: State
    size: int
    entries: int
    again: int
    witnesses: list[str]


class Follower:
    """Follows the log of `key`. `pick(n)` chooses below n which old entries are read again."""

    def __init__(
        self,
        fetch: Fetch,
        key: VerifierKey,
        bounds: Bounds,
        company: Sequence[Watched] = (),
        pick: Callable[[int], int] = ANY,
        keyholders: Collection[str] = (),
    ) -> None:
        self.fetch, self.key, self.bounds, self.company, self.pick = fetch, key, bounds, company, pick
        self.keyholders = keyholders  # keys of the keyholder that are known from its operator
        self.offered = ""  # the checkpoint that the log gave in this round, for whoever keeps evidence

    def round(self, state: State | None, now: datetime, *, whole: bool = False) -> Round:
        """Everything since `state`; the whole log without one, or when `whole` is asked for, or not all is known."""
        whole = whole or (state is not None and state.keyholder is None)
        kept = opened(state.checkpoint, self.key, "the kept checkpoint") if state else nothing(self.key)
        new = self._newest()
        self._must_grow(kept, new)
        old = nothing(self.key) if whole else kept
        found = self._new_entries(old, new)
        promises = Promises(state.keyholder or "" if state and not whole else "", self.keyholders)
        openness = Openness(state.open_since if state and not whole else None, whole=not old.size)
        newest = self._times(state, kept.size if state else new.size, old.size, found, promises, openness)
        promises.must_be_trusted()
        openness.must_hold()
        again = self._read_again(old)
        witnesses = must_be_witnessed(self.fetch, self.key, new, self.company, now, self.bounds.silence)
        changed_at = state.changed_at if state and kept.size == new.size else now
        if now - changed_at > self.bounds.silence:
            raise Broken(f"there was no new checkpoint since {changed_at:%Y-%m-%d %H:%M:%S} UTC")
        seen = State(self.offered, now, changed_at, newest, promises.key, openness.since)
        return Round(seen, new.size, len(found), again, witnesses)

    def _newest(self) -> Checkpoint:
        self.offered = self.fetch("/ledger/checkpoint").decode()
        return opened(self.offered, self.key, "the newest checkpoint")

    def _must_grow(self, old: Checkpoint, new: Checkpoint) -> None:
        if new.size < old.size:
            raise Broken(f"the log has shrunk from {old.size} to {new.size} entries")
        if new.size == old.size and new.root != old.root:
            raise Broken(f"the log is forked: two roots are signed for {new.size} entries")
        must_continue(self.fetch, old, new, f"the log is forked: it does not continue its first {old.size} entries")

    def _new_entries(self, old: Checkpoint, new: Checkpoint) -> list[bytes]:
        """The new entries, which with the old tree have to give the signed root, and to be those of the tiles."""
        edge = self._edge(old)
        found = entries(self.fetch, old.size, new.size)
        grown = tiles.grow(edge, old.size, map(merkle.leaf_hash, found))
        if new.size and tiles.tree_root({**edge, **grown}, new.size) != new.root:
            self._name_altered(old.size, found)
        tiles_must_fit(self.fetch, grown)
        return found

    def _edge(self, old: Checkpoint) -> dict[tiles.TileId, bytes]:
        """The right edge of the old tree, from the tiles, held against the kept root."""
        needed = {*tiles.right_edge(old.size), *tiles.needed_for_root(old.size)}
        edge = {(level, index): self._tile(level, index, old.size) for level, index in needed}
        if old.size and tiles.tree_root(edge, old.size) != old.root:
            raise Broken(f"the tiles were altered: they no longer give the root of {old.size} entries that was kept")
        return edge

    def _tile(self, level: int, index: int, size: int) -> bytes:
        width = min(tiles.WIDTH, size // tiles.WIDTH**level - index * tiles.WIDTH)
        held = self.fetch(f"/ledger/{tiles.path_of((level, index), width)}")
        if len(held) != width * tiles.HASH:
            raise Broken(f"{tiles.path_of((level, index), width)} was altered: it holds {len(held)} bytes")
        return held

    def _name_altered(self, start: int, found: Sequence[bytes]) -> None:
        """Which of the entries is not the one that the tree holds."""
        size = start + len(found)
        for index, entry in enumerate(found, start):
            tile = self._tile(0, index // tiles.WIDTH, size)
            at = index % tiles.WIDTH * tiles.HASH
            if tile[at : at + tiles.HASH] != merkle.leaf_hash(entry):
                raise Broken(f"entry {index} was altered: it is not the one that the tree holds")
        raise Broken(f"the entries do not give the signed root of size {size}")

    def _times(
        self,
        state: State | None,
        known: int,
        start: int,
        found: Sequence[bytes],
        promises: Promises,
        openness: Openness,
    ) -> datetime | None:
        """Every record from `start` on gives its entry, none is dated before what was there already, and each opening
        time is the keyholder's word too.

        Those below `known` could not be seen coming; in a practice log their dates are an invented story.
        """
        newest, practice = state.newest if state and start == known else None, PRACTICE in self.key.name
        for entry in served(self.fetch, start, start + len(found)):
            record = record_of(entry, found[entry.index - start])
            openness.see(entry.index, found[entry.index - start], record)
            if record is None:
                continue
            promises.read(entry.index, record)
            at = datetime.fromisoformat(record.at)
            new = entry.index >= known
            if newest and at < newest - self.bounds.back and (new or not practice):
                raise Broken(f"entry {entry.index} is back-dated: it says {record.at}, one before it {newest:%FT%TZ}")
            if state and new and at < state.seen_at - self.bounds.back:
                seen = f"{state.seen_at:%FT%TZ}"
                raise Broken(f"entry {entry.index} is back-dated: it says {record.at}, and was not there at {seen}")
            newest = max(newest or at, at)
        return newest

    def _read_again(self, old: Checkpoint) -> int:
        """Some of the old entries and their records, as they are served today, against the kept root."""
        if not old.size:
            return 0
        start = self.pick(old.size) // tiles.WIDTH * tiles.WIDTH
        end = min(start + tiles.WIDTH, old.size)
        found = entries(self.fetch, start, end)
        tile = self._tile(0, start // tiles.WIDTH, old.size)
        for index, (entry, leaf) in enumerate(zip(found, tiles.hashes_of(tile), strict=True), start):
            if merkle.leaf_hash(entry) != leaf:
                raise Broken(f"entry {index} was altered: it is not the one that the tree holds")
        self._tile_must_be_in(old, start, tile)
        for one in served(self.fetch, start, end):
            record_of(one, found[one.index - start])
        return len(found)

    def _tile_must_be_in(self, old: Checkpoint, start: int, tile: bytes) -> None:
        """The edge was held against the root before; a full tile has a path to it."""
        if len(tile) < tiles.WIDTH * tiles.HASH:
            return
        hashes = tiles.hashes_of(tile)
        proof = msgspec.json.decode(self.fetch(f"/ledger/proof/{start}?size={old.size}"))
        path = [base64.b64decode(step) for step in proof["path"]]
        own = merkle.inclusion_proof(0, tiles.WIDTH, merkle.of_leaves(hashes))
        if path[: len(own)] != own or not merkle.verify_inclusion(start, old.size, hashes[0], path, old.root):
            raise Broken(f"the tile at entry {start} was altered: no path leads from it to the root that was kept")


def nothing(key: VerifierKey) -> Checkpoint:
    return Checkpoint(key.name, 0, merkle.EMPTY)
