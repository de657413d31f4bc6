"""A log in memory that is served as ours is, honestly or not, for whoever follows it."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from procurement.kernel import merkle, tiles
from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.cosignature import CosignerKey
from procurement.kernel.entry import Record, entry_for, stamp
from procurement.verifier.log import Broken, Entry

KEY = SignerKey("record.example", bytes(32))
WITNESS = CosignerKey("witness.example/w1", bytes([1]) * 32)
START = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
SALT = bytes(32)


class ServedLog:
    """`served` maps an address to what is answered in place of the truth. Of entries `hidden` no record is served;
    those in `unmarked` are not open ones."""

    def __init__(self) -> None:
        self.records: list[bytes] = []
        self.hidden: set[int] = set()
        self.unmarked: set[int] = set()
        self.served: dict[str, bytes] = {}
        self.witnessed, self.key = "", KEY

    def grow(self, count: int, at: datetime, *, hidden: bool = False) -> None:
        for number in range(count):
            index = len(self.records)
            if hidden:
                self.hidden.add(index)
                self.unmarked.add(index)
            self.enter("Counted", at + timedelta(milliseconds=number), number=index)

    def enter(self, type_: str, at: datetime, **fact: Any) -> int:
        """Its index."""
        self.records.append(canonical(Record(type_, stamp(at), "", "nobody", "", fact)))
        return len(self.records) - 1

    @property
    def entries(self) -> list[bytes]:
        return [entry_for(SALT, one, at_once=index not in self.unmarked) for index, one in enumerate(self.records)]

    @property
    def leaves(self) -> list[bytes]:
        return [merkle.leaf_hash(entry) for entry in self.entries]

    def note(self, size: int = 0) -> str:
        leaves = self.leaves[: size or None]
        return self.key.sign(Checkpoint(self.key.verifier.name, len(leaves), merkle.root(leaves)).text())

    def cosign(self, at: datetime) -> None:
        note = self.note()
        self.witnessed = note + WITNESS.cosign(note.split("\n\n")[0] + "\n", at)

    def fetch(self, path: str) -> bytes:
        if path in self.served:
            return self.served[path]
        split = urlsplit(path)
        asked = {name: int(value) for name, value in parse_qsl(split.query)}
        match split.path.removeprefix("/ledger/").split("/"):
            case ["checkpoint"]:
                return self.note().encode()
            case ["checkpoint", "witnessed"] if self.witnessed:
                return self.witnessed.encode()
            case ["consistency"]:
                path_ = merkle.consistency_proof(asked["old"], asked["new"], merkle.of_leaves(self.leaves))
                return msgspec.json.encode([base64.b64encode(step).decode() for step in path_])
            case ["proof", index]:
                path_ = merkle.inclusion_proof(
                    int(index), asked["size"], merkle.of_leaves(self.leaves[: asked["size"]])
                )
                return msgspec.json.encode({"path": [base64.b64encode(step).decode() for step in path_]})
            case ["entries"]:
                return msgspec.json.encode({"entries": self._entries(asked["start"])})
            case ["tile", "entries", *rest]:
                start, width = _place(rest)
                bundle = self.entries[start * tiles.WIDTH : start * tiles.WIDTH + width]
                return tiles.bundle(bundle)
            case ["tile", level, *rest]:
                index, width = _place(rest)
                return tiles.grow({}, 0, self.leaves)[int(level), index][: width * tiles.HASH]
        raise Broken(f"{path} answers 404")

    def _entries(self, start: int) -> list[Entry]:
        found: list[Any] = []
        entries = self.entries
        for index, record in list(enumerate(self.records))[start : start + 500]:
            secret = index in self.hidden
            salt, text = ("", "") if secret else (SALT.hex(), record.decode())
            found.append(Entry(index, entries[index].hex(), salt, text))
        return found


def _place(rest: list[str]) -> tuple[int, int]:
    whole, _, width = "/".join(rest).partition(".p/")
    return int(whole.replace("x", "").replace("/", "")), int(width or tiles.WIDTH)
