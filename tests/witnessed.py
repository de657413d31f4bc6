"""Checkpoints with cosignatures of witnesses, and what every client has to make of them: in Python and in the browser.

Each case is (its name, the note, keys of witnesses as they are written, how many are needed, what comes of it):
"enough", "too few", or "refused" for what cannot be asked.
"""

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from procurement.kernel.checkpoint import DASH, Checkpoint, SignerKey, VerifierKey
from procurement.kernel.cosignature import CosignerKey

Case = tuple[str, str, list[str], int, str]

LOG = SignerKey("record.example", bytes(32))
NEAR, FAR, THIRD = (CosignerKey(f"witness.example/w{number}", bytes([number]) * 32) for number in (1, 2, 3))
AGAIN = CosignerKey("witness.example/another-name", bytes([1]) * 32)  # the key of NEAR
AT = datetime(2026, 3, 17, 12, 25, 47, tzinfo=UTC)
TEXT = Checkpoint("record.example", 7, hashlib.sha256(b"root").digest()).text()
OTHER = Checkpoint("record.example", 8, hashlib.sha256(b"root").digest()).text()


def keys(*witnesses: CosignerKey) -> list[str]:
    return [str(one.verifier) for one in witnesses]


def note(*cosigners: CosignerKey, more: str = "") -> str:
    return LOG.sign(TEXT) + "".join(one.cosign(TEXT, AT) for one in cosigners) + more


def line(witness: CosignerKey, raw: bytes) -> str:
    """A signature line with whatever stands in it."""
    return f"{DASH} {witness.verifier.name} {base64.b64encode(witness.verifier.id + raw).decode()}\n"


def cases() -> Iterator[Case]:
    yield from _asked()
    yield from _forged()
    yield from _impossible()


def _asked() -> Iterator[Case]:
    all_ = keys(NEAR, FAR, THIRD)
    yield "nobody is asked for", note(), [], 0, "enough"
    yield "nobody is asked for, and it is no note", "nothing", [], 0, "enough"
    yield "one who cosigned", note(NEAR), keys(NEAR), 0, "enough"
    yield "one who did not", note(NEAR), keys(FAR), 0, "too few"
    yield "all are asked for", note(NEAR, FAR), all_, 0, "too few"
    yield "two of three", note(NEAR, THIRD), all_, 2, "enough"
    yield "one of three, and two are needed", note(NEAR), all_, 2, "too few"
    yield "the same twice", note(NEAR, NEAR), all_, 2, "too few"
    yield "one under two names", note(NEAR, AGAIN), keys(NEAR, AGAIN, FAR), 2, "too few"
    yield "behind one that nobody knows", note(FAR, NEAR), keys(NEAR), 0, "enough"
    yield "spaces around a key", note(NEAR), [f" {keys(NEAR)[0]}\n"], 0, "enough"


def _forged() -> Iterator[Case]:
    one = keys(NEAR)
    yield "of another tree", LOG.sign(TEXT) + NEAR.cosign(OTHER, AT), one, 0, "too few"
    yield "of another time than signed", note().rstrip() + "\n" + _later(NEAR), one, 0, "too few"
    yield "without a time", note(more=NEAR.cosign(TEXT, datetime(1970, 1, 1, tzinfo=UTC))), one, 0, "too few"
    yield "after the last year", note(more=line(NEAR, _stamped(253402300800))), one, 0, "too few"
    yield "cut short", note(more=line(NEAR, b"\0" * 7)), one, 0, "too few"
    yield "the log's own signature under its name", note(more=_as_a_log()), one, 0, "too few"
    yield "another's under its name", note(more=FAR.cosign(TEXT, AT).replace("w2", "w1")), one, 0, "too few"
    yield "a wrong one before the true one", note(more=_later(NEAR) + NEAR.cosign(TEXT, AT)), one, 0, "too few"
    yield "beside a line that is none", note(NEAR, more=f"{DASH} somebody\n"), one, 0, "too few"
    yield "beside one that is not base64", note(NEAR, more=f"{DASH} somebody ?\n"), one, 0, "too few"
    yield "among a hundred", note(NEAR, *([FAR] * 100)), one, 0, "too few"
    yield "no note at all", NEAR.cosign(TEXT, AT), one, 0, "too few"


def _impossible() -> Iterator[Case]:
    yield "more than are named", note(NEAR), keys(NEAR), 2, "refused"
    yield "more than there are keys", note(NEAR), keys(NEAR, AGAIN), 2, "refused"
    yield "less than none", note(NEAR), keys(NEAR), -1, "refused"
    yield "of nobody", note(NEAR), [], 1, "refused"
    yield "a key of a log", note(NEAR), [str(LOG.verifier)], 0, "refused"
    yield "another id", note(NEAR), [keys(NEAR)[0].replace("w1", "w2")], 0, "refused"
    yield "no key", note(NEAR), ["witness.example/w1"], 0, "refused"
    yield "a name with a space", note(NEAR), [_spaced()], 0, "refused"


def _later(witness: CosignerKey) -> str:
    """A cosignature whose time is another than what was signed."""
    raw = bytearray(base64.b64decode(witness.cosign(TEXT, AT).split(" ")[2])[4:])
    raw[7] += 1
    return line(witness, bytes(raw))


def _stamped(seconds: int) -> bytes:
    """Truly signed, at a time that is none."""
    signed = NEAR.private.sign(f"cosignature/v1\ntime {seconds}\n{TEXT}".encode())
    return seconds.to_bytes(8) + signed


def _as_a_log() -> str:
    """A signature of the same key, as logs sign: no time is in it."""
    return line(NEAR, NEAR.private.sign(TEXT.encode()))


def _spaced() -> str:
    named = CosignerKey("a witness", bytes([1]) * 32)
    assert isinstance(named.verifier, VerifierKey)
    return str(named.verifier)
