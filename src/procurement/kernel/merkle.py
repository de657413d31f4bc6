"""Merkle trees as in RFC 6962 and RFC 9162: leaves, roots, inclusion and consistency proofs.

Hashes are 32 bytes. Verification follows RFC 9162 §2.1.3.2 and §2.1.4.2 step by step.
"""

import hashlib
from collections.abc import Callable, Sequence

EMPTY = hashlib.sha256(b"").digest()

Range = Callable[[int, int], bytes]
"""The root of the leaves [start, end): how a proof asks for hashes without holding the tree."""


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two smaller than `size` (size > 1)."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    if not leaves:
        return EMPTY
    level = list(leaves)
    while len(level) > 1:
        pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[-1:] * (len(level) % 2)
    return level[0]


def of_leaves(leaves: Sequence[bytes]) -> Range:
    return lambda start, end: root(leaves[start:end])


def inclusion_proof(index: int, size: int, hashes: Range) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves, from the leaf upwards."""
    if not 0 <= index < size:
        raise ValueError("the leaf is not in the tree")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(hashes(middle, end))
            end = middle
        else:
            path.append(hashes(start, middle))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, hashes: Range) -> list[bytes]:
    """The proof that the tree of `new` leaves extends the tree of its first `old` leaves (0 < old <= new)."""
    if not 0 < old <= new:
        raise ValueError("sizes are out of order")
    path, start, end, whole = [], 0, new, True
    while old != end - start:
        half = split(end - start)
        middle = start + half
        if old <= half:
            path.append(hashes(middle, end))
            end = middle
        else:
            path.append(hashes(start, middle))
            start, old, whole = middle, old - half, False
    if not whole:
        path.append(hashes(start, end))
    return path[::-1]


def root_from_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root that the path leads to, or nothing when the path has the wrong length (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size or len(leaf) != len(EMPTY):
        return None
    fn, sn, current = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            current = node_hash(sibling, current)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            current = node_hash(current, sibling)
        fn, sn = fn >> 1, sn >> 1
    return current if sn == 0 else None


def verify_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], expected: bytes) -> bool:
    return root_from_inclusion(index, size, leaf, path) == expected


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """RFC 9162 §2.1.4.2. An empty old tree proves nothing and is refused."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    steps = list(path) if old & (old - 1) else [old_root, *path]
    if not steps:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first, second = node_hash(step, first), node_hash(step, second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, step)
        fn, sn = fn >> 1, sn >> 1
    return first == old_root and second == new_root and sn == 0
