"""Whether independent witnesses see the log that we are shown."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from procurement.kernel import merkle
from procurement.kernel.checkpoint import BadNote, Checkpoint, VerifierKey
from procurement.kernel.cosignature import WitnessKey, cosigned
from procurement.verifier.log import Broken, Fetch, opened


class Watched(msgspec.Struct, frozen=True):
    """A witness that has to have cosigned; `ask` asks it itself, None where its address is not known."""

    key: WitnessKey
    ask: Fetch | None = None


def must_continue(fetch: Fetch, old: Checkpoint, new: Checkpoint, otherwise: str) -> None:
    """Broken(`otherwise`) unless the log proves that the larger tree extends the smaller one."""
    if old.size > new.size:
        old, new = new, old
    if old.size == 0 or (old.size, old.root) == (new.size, new.root):
        return
    path: list[str] = []
    if old.size < new.size:
        path = msgspec.json.decode(fetch(f"/ledger/consistency?old={old.size}&new={new.size}"), type=list[str])
    steps = [base64.b64decode(step) for step in path]
    if not merkle.verify_consistency(old.size, new.size, old.root, new.root, steps):
        raise Broken(otherwise)


def must_be_witnessed(
    fetch: Fetch, key: VerifierKey, new: Checkpoint, company: Sequence[Watched], now: datetime, silence: timedelta
) -> list[str]:
    """The names of all witnesses of `company`, each of which cosigned not longer than `silence` ago a log that
    continues, or is continued by, `new`."""
    if not company:
        return []
    note = fetch("/ledger/checkpoint/witnessed").decode()
    shown = opened(note, key, "the witnessed checkpoint")
    must_continue(fetch, shown, new, f"the log is forked: witnesses cosigned other {shown.size} entries")
    for one in company:
        _must_have_cosigned(note, one.key, now - silence)
        if one.ask:
            _must_see_the_same(fetch, one.ask, key, one.key.name, new)
    return [one.key.name for one in company]


def _must_have_cosigned(note: str, witness: WitnessKey, since: datetime) -> None:
    try:
        found = cosigned(note, witness)
    except BadNote as wrong:
        raise Broken(f"the witnessed checkpoint: {wrong}") from None
    if found is None:
        raise Broken(f"{witness.name} did not cosign the checkpoint that is shown as witnessed")
    if found.at < since:
        raise Broken(f"{witness.name} has not cosigned since {found.at:%Y-%m-%d %H:%M:%S} UTC")


def _must_see_the_same(fetch: Fetch, ask: Fetch, key: VerifierKey, name: str, new: Checkpoint) -> None:
    """What the witness itself holds of the log, beside what the log shows to us."""
    note = ask(f"/{hashlib.sha256(key.name.encode()).hexdigest()}/checkpoint").decode()
    theirs = opened(note, key, f"the checkpoint that {name} holds")
    must_continue(fetch, theirs, new, f"the log is forked: {name} was shown other {theirs.size} entries than we are")
