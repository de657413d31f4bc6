"""The witness itself: decides, remembers, then signs."""

import hashlib
import logging
from datetime import UTC, datetime
from pathlib import Path

from procurement.infra import keys
from procurement.kernel.cosignature import CosignerKey, WitnessKey
from procurement.witness.rules import Logs, Opened, Rejected, Submission, must_continue, opened, parse
from procurement.witness.store import Latest, Store

KEY = "key"  # the name of the key's file in the witness's folder

log = logging.getLogger(__name__)


class Witness:
    def __init__(self, store: Store, key: CosignerKey, logs: Logs) -> None:
        self.store, self.key, self.logs = store, key, logs
        self.by_hash = {hashlib.sha256(origin.encode()).hexdigest(): origin for origin in logs}

    def add_checkpoint(self, body: bytes) -> str:
        """The line that goes under the submitted checkpoint. Rejected says what to answer instead."""
        submission = parse(body)
        new = opened(submission.note, self.logs)
        try:
            return self._cosign(submission, new)
        except Rejected as no:
            if no.fork:
                log.warning("%s signed a fork: %s entries", new.checkpoint.origin, new.checkpoint.size)
                self.store.keep_evidence(new.checkpoint, datetime.now(UTC), body)
            elif no.unproven:
                log.warning("%s: %s entries without a proof", new.checkpoint.origin, new.checkpoint.size)
                self.store.keep_unproven(new.checkpoint, body)
            raise

    def _cosign(self, submission: Submission, new: Opened) -> str:
        with self.store.together():
            held = self.store.latest(new.checkpoint.origin)
            must_continue(submission, new.checkpoint, held.checkpoint if held else None)
            at = max(int(datetime.now(UTC).timestamp()), held.at if held else 0)  # a clock set back moves nothing back
            line = self.key.cosign(new.text, datetime.fromtimestamp(at, UTC))
            self.store.keep(Latest(new.checkpoint, at, f"{new.note}{line}"))
        return line

    def checkpoint(self, origin_hash: str) -> str:
        """The newest checkpoint cosigned of the log whose origin has this SHA-256 (hex). Rejected(404) without one."""
        held = self.store.latest(self.by_hash.get(origin_hash, ""))
        if held is None:
            raise Rejected(404, "No checkpoint of this log was cosigned here.")
        return held.note


def cosigner(folder: Path, name: str) -> CosignerKey:
    """The witness's key, made on first use. BadNote for a name that nobody could read under a checkpoint."""
    key = CosignerKey(name, keys.seed(folder / KEY))
    WitnessKey.parse(str(key.verifier))
    return key
