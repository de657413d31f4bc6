"""A large log, verified as `procurement verify` and a monitor do, from answers that lie in memory."""

import hashlib
import time

import msgspec

from procurement.kernel import merkle, tiles
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.entry import open_entry
from procurement.verifier import log as logs
from procurement.verifier.log import Broken, Entry, Page

KEY = SignerKey("bench.example/record", bytes(range(32)))
PAGE = 500
SALT = bytes(32)


class Verified(msgspec.Struct, frozen=True):
    """`seconds` for every entry against bundles, root and tiles; `records_seconds` for the words of as many entries
    against their commitments. What a network adds is in neither."""

    entries: int
    seconds: float
    records_seconds: float


def verified(entries: int) -> Verified:
    """Raises AssertionError if the made log is not accepted: then nothing was measured."""
    record = '{"actor":"","at":"2026-11-22T09:00:00.000000Z","fact":{"n":%d},"organisation":"","process":"","type":"X"}'
    records = [record % number for number in range(PAGE)]
    made = [open_entry(SALT, text.encode()) for text in records]
    hashes = [made[number] if number < PAGE else hashlib.sha256(b"%d" % number).digest() for number in range(entries)]
    served = _served(hashes)

    def fetch(path: str) -> bytes:
        try:
            return served[path]
        except KeyError:
            raise Broken(f"{path} answers 404") from None

    began = time.perf_counter()
    log = logs.read(fetch, KEY.verifier)
    read = time.perf_counter() - began
    assert log.checkpoint.size == entries
    page = msgspec.json.encode(Page([Entry(at, made[at].hex(), SALT.hex(), records[at]) for at in range(PAGE)]))
    began = time.perf_counter()
    for _ in range(-(-entries // PAGE)):
        for one in msgspec.json.decode(page, type=Page).entries:
            logs.must_belong(log, one)
    return Verified(entries, round(read, 2), round(time.perf_counter() - began, 2))


def _served(hashes: list[bytes]) -> dict[str, bytes]:
    """Every address that a verifier of the whole log reads."""
    size, leaves = len(hashes), [merkle.leaf_hash(entry) for entry in hashes]
    grown = tiles.grow({}, 0, leaves)
    checkpoint = Checkpoint(KEY.verifier.name, size, tiles.tree_root(grown, size))
    served = {"/ledger/checkpoint": KEY.sign(checkpoint.text()).encode()}
    for (level, index), held in grown.items():
        served[f"/ledger/{tiles.path_of((level, index), len(held) // tiles.HASH)}"] = held
    for start in range(0, size, tiles.WIDTH):
        some = hashes[start : start + tiles.WIDTH]
        path = tiles.path_of((0, start // tiles.WIDTH), len(some)).replace("tile/0/", "tile/entries/", 1)
        served[f"/ledger/{path}"] = tiles.bundle(some)
    return served
