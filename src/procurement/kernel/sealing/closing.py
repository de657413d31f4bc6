"""The closing root: what fixes, when bidding closes, which bids can be opened, and how many they are."""

from collections.abc import Iterable

from procurement.kernel import merkle


def closing_root(digests: Iterable[str]) -> tuple[int, str]:
    """(count, root in hex) of the final envelope digests (hex, 64 characters), whatever their order.

    The root is the RFC 6962 tree over the digests' 32 bytes in ascending order; without bids that of the empty tree.
    """
    ordered = sorted(bytes.fromhex(digest) for digest in digests)
    return len(ordered), merkle.root([merkle.leaf_hash(digest) for digest in ordered]).hex()
