"""What a witness cosigns, and what it answers otherwise: C2SP `tlog-witness`, `add-checkpoint`, in its order."""

import base64
import re
from collections.abc import Iterable, Mapping

import msgspec

from procurement.kernel import merkle
from procurement.kernel.checkpoint import BadNote, Checkpoint, VerifierKey, alone, open_checkpoint, split_note

LARGEST = 64 << 10  # bytes of a request
LONGEST = 63  # hashes of a consistency proof
OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
PLAIN, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"

Logs = Mapping[str, VerifierKey]
"""The logs that are witnessed, by origin."""


def watched(keys: Iterable[str]) -> dict[str, VerifierKey]:
    """The logs of these verifier keys, as they are written. BadNote when two of them are of one origin: which of two
    trees continues it would be anybody's choice."""
    logs: dict[str, VerifierKey] = {}
    for key in map(VerifierKey.parse, keys):
        if logs.setdefault(key.name, key) != key:
            raise BadNote(f"two keys are given for {key.name}")
    return logs


class Rejected(Exception):
    """No cosignature. `status`, `body` and `media_type` are the answer. `fork`: the log's own key signed what cannot
    continue the log; `unproven`: it may, and the proof is wrong, but anybody can send a wrong proof."""

    def __init__(
        self, status: int, body: str, media_type: str = PLAIN, *, fork: bool = False, unproven: bool = False
    ) -> None:
        super().__init__(body)
        self.status, self.body, self.media_type, self.fork = status, body + "\n", media_type, fork
        self.unproven = unproven


class Submission(msgspec.Struct, frozen=True):
    """A checkpoint with the proof that it continues the tree of `old` entries."""

    old: int
    path: tuple[bytes, ...]
    note: str


class Opened(msgspec.Struct, frozen=True):
    """A checkpoint signed by a log that is witnessed: what it says, its text, and the note with only that signature."""

    checkpoint: Checkpoint
    text: str
    note: str


def parse(body: bytes) -> Submission:
    """Rejected(400) for what is no such request."""
    try:
        head, gap, note = body.decode().partition("\n\n")
        first, *lines = head.split("\n")
        path = tuple(base64.b64decode(line, validate=True) for line in lines)
    except ValueError:
        raise Rejected(400, "This is no text of base64 lines.") from None
    old = OLD.fullmatch(first)
    if not (gap and old) or len(path) > LONGEST or any(len(step) != len(merkle.EMPTY) for step in path):
        raise Rejected(400, "Write the old size, the consistency proof, an empty line, and the checkpoint.")
    return Submission(int(old[1]), path, note)


def opened(note: str, logs: Logs) -> Opened:
    """Rejected(404) for a log that is not witnessed here, (403) when its key did not sign, (400) for no checkpoint."""
    try:
        text, _ = split_note(note)
    except BadNote as wrong:
        raise Rejected(400, f"The checkpoint is malformed: {wrong}.") from None
    key = logs.get(text.partition("\n")[0])
    if key is None:
        raise Rejected(404, "This log is not witnessed here.")
    try:
        checkpoint, signed = open_checkpoint(note, key, key.name), alone(note, key)
    except BadNote as wrong:
        raise Rejected(403, f"The checkpoint is not the log's: {wrong}.") from None
    return Opened(checkpoint, text, signed)


def must_continue(submission: Submission, new: Checkpoint, latest: Checkpoint | None) -> None:
    """Rejected unless `new` continues the latest checkpoint that was cosigned, None before the first."""
    size = latest.size if latest else 0
    if submission.old > new.size:
        raise Rejected(400, "The old size is larger than the checkpoint's.")
    if submission.old != size:
        raise Rejected(409, str(size), SIZE)
    if new.size == 0 and new.root != merkle.EMPTY:
        raise Rejected(422, "An empty tree has another root.", fork=True)
    if latest is None or size == 0:
        if submission.path:
            raise Rejected(422, "From an empty tree there is nothing to prove.")
    elif not merkle.verify_consistency(size, new.size, latest.root, new.root, submission.path):
        fork, unproven = new.size == size and new.root != latest.root, new.size > size
        no = "This does not continue the tree that was cosigned before."
        raise Rejected(422, no, fork=fork, unproven=unproven)
