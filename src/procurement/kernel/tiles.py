"""The ledger's tree kept as tiles (C2SP tlog-tiles): 256 hashes wide, eight levels high.

Tile (level, index) holds the roots of complete subtrees of 256**level leaves. A tree is grown by appending
leaf hashes to its right edge; a proof reads the few tiles that it needs.
"""

from collections.abc import Iterable, Mapping

from procurement.kernel import merkle

WIDTH = 256
HASH = 32

TileId = tuple[int, int]  # level, index
Tiles = Mapping[TileId, bytes]


def right_edge(size: int) -> list[TileId]:
    """The incomplete tiles of a tree of `size` leaves: what must be loaded before it can grow."""
    edge, level = [], 0
    while size:
        if size % WIDTH:
            edge.append((level, size // WIDTH))
        size, level = size // WIDTH, level + 1
    return edge


def grow(edge: Tiles, size: int, leaves: Iterable[bytes]) -> dict[TileId, bytes]:
    """The tiles that change when `leaves` (hashes) are appended to a tree of `size` leaves."""
    changed: dict[TileId, bytes] = {}
    new, level = list(leaves), 0
    while new:
        raised = []
        for hash_ in new:
            tile = (level, size // WIDTH)
            changed[tile] = (changed.get(tile) or (edge[tile] if size % WIDTH else b"")) + hash_
            size += 1
            if size % WIDTH == 0:
                raised.append(merkle.root(hashes_of(changed[tile])))
        # What was raised continues the next level, which held size // WIDTH minus the raised ones before.
        new, size, level = raised, size // WIDTH - len(raised), level + 1
    return changed


def hashes_of(tile: bytes) -> list[bytes]:
    return [tile[i : i + HASH] for i in range(0, len(tile), HASH)]


def bundle(entries: Iterable[bytes]) -> bytes:
    """The entries below a tile of leaves, each after its length (two bytes, big-endian)."""
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def unbundled(bundle: bytes) -> list[bytes]:
    """The entries of a bundle. ValueError where the last one is cut off."""
    found, at = [], 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start])
        found.append(bundle[start:at])
    if at != len(bundle):
        raise ValueError("the last entry of the bundle is cut off")
    return found


def _perfect(start: int, end: int) -> tuple[TileId, int, int]:
    """Where the subtree [start, end) of a power-of-two width stands: tile, first hash, number of hashes."""
    level = ((end - start).bit_length() - 1) // 8
    first = start // WIDTH**level
    return (level, first // WIDTH), first % WIDTH, (end - start) // WIDTH**level


class Needed:
    """Collects which tiles a proof reads, by pretending to answer."""

    def __init__(self) -> None:
        self.tiles: set[TileId] = set()

    def __call__(self, start: int, end: int) -> bytes:
        if (end - start) & (end - start - 1):
            middle = start + merkle.split(end - start)
            self(start, middle), self(middle, end)
        else:
            self.tiles.add(_perfect(start, end)[0])
        return bytes(HASH)


class Held:
    """Answers from tiles that are held."""

    def __init__(self, tiles: Tiles) -> None:
        self.tiles = tiles

    def __call__(self, start: int, end: int) -> bytes:
        if (end - start) & (end - start - 1):
            middle = start + merkle.split(end - start)
            return merkle.node_hash(self(start, middle), self(middle, end))
        tile, first, count = _perfect(start, end)
        return merkle.root(hashes_of(self.tiles[tile][first * HASH : (first + count) * HASH]))


def tree_root(edge: Tiles, size: int) -> bytes:
    """The root of the whole tree, read from its tiles."""
    return Held(edge)(0, size) if size else merkle.EMPTY


def needed_for_root(size: int) -> set[TileId]:
    needed = Needed()
    if size:
        needed(0, size)
    return needed.tiles


def path_of(tile: TileId, width: int = WIDTH) -> str:
    """The C2SP path of a tile below the log's address, such as `tile/0/x001/067.p/12`."""
    level, index = tile
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/" + "/".join(groups) + (f".p/{width}" if width < WIDTH else "")
