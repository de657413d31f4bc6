"""The keyholder: a process of its own, with its own environment, clock, rules and store. It knows only the kernel.

It makes the identity that a tender's bids are locked to, and gives it up only after the bound time, for a closing that
stands in the pinned ledger, when two persons it enrolled itself ask for it. See docs/keyholder.md.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from procurement.kernel.checkpoint import BadNote
from procurement.keyholder.restored import NotConfirmed
from procurement.keyholder.server import serve
from procurement.keyholder.service import Keyholder
from procurement.keyholder.store import Store, WrongStore

RESTORED = (
    "show what a restored store wants confirmed before it releases anything; with the word shown then, confirm it"
)


def main(argv: Sequence[str] = ()) -> None:
    """Serve; or, at the keyholder's own terminal, print its public key, reset a person, believe another ledger or other
    witnesses, confirm a restored store.

    Its environment: KEYHOLDER_SOCKET (a path), KEYHOLDER_STORE (a folder of its own), KEYHOLDER_SANDBOX and
    KEYHOLDER_SHARED ("1" or "").
    """
    parser = argparse.ArgumentParser("procurement keyholder", description="Guard the keys of sealed bids.")
    parser.add_argument("--key", action="store_true", help="print its public key, to be published elsewhere too")
    parser.add_argument("--reset", metavar="PERSON", help="forget a person's code secret, so that they can enrol again")
    parser.add_argument("--pin", metavar="KEY", help="believe this ledger's key (name+id+key) from now on")
    parser.add_argument("--witness", metavar="KEY", action="append", help="ask for cosignatures of these and no others")
    parser.add_argument("--no-witnesses", action="store_true", help="ask for no cosignatures any more")
    parser.add_argument("--needed", type=int, help="of how many of the witnesses  [default: of all]")
    parser.add_argument("--restored", metavar="WORD", nargs="?", const="", help=RESTORED)
    parser.add_argument("--end", metavar="TENDER", help="destroy again a key that the restored copy brought back")
    chosen = parser.parse_args(argv)
    if not os.environ.get("KEYHOLDER_STORE"):
        sys.exit("Set KEYHOLDER_STORE: the folder of the keys, of this process's own user, apart from everything else.")
    folder = Path(os.environ["KEYHOLDER_STORE"])
    try:
        keyholder = Keyholder(Store(folder, sandbox=_is_on("KEYHOLDER_SANDBOX")))
    except WrongStore as wrong:
        sys.exit(str(wrong))
    if chosen.key:
        print(keyholder.signing.key.verifier)
        return
    if chosen.reset:
        keyholder.persons.reset(chosen.reset)
        return
    if chosen.pin or chosen.witness or chosen.no_witnesses:
        _believe(keyholder, chosen)
        return
    if chosen.restored is not None or chosen.end:
        _confirm(keyholder, chosen)
        return
    socket, shared = os.environ.get("KEYHOLDER_SOCKET"), _is_on("KEYHOLDER_SHARED")
    if not socket:
        sys.exit("Set KEYHOLDER_SOCKET: the path at which web and worker ask.")
    try:
        asyncio.run(serve(keyholder, Path(socket), shared=shared))
    except OSError as wrong:  # its folder is missing or of somebody else
        sys.exit(f"There can be no socket at {socket} ({wrong}): make its folder, writable for this user.")


def _believe(keyholder: Keyholder, chosen: argparse.Namespace) -> None:
    """Another ledger, or other witnesses of it."""
    witnesses = [] if chosen.no_witnesses else chosen.witness or []
    try:
        if chosen.pin:
            keyholder.installed.pin_again(chosen.pin)
        if witnesses or chosen.no_witnesses:
            keyholder.installed.pin_witnesses(
                witnesses, len(set(witnesses)) if chosen.needed is None else chosen.needed
            )
    except BadNote as wrong:
        sys.exit(str(wrong))


def _confirm(keyholder: Keyholder, chosen: argparse.Namespace) -> None:
    """What a restored store asks of its staff."""
    restored = keyholder.restored
    try:
        if chosen.end:
            restored.end(chosen.end)
        elif chosen.restored:
            restored.confirm(chosen.restored)
        elif restored.waits():
            lines = restored.awaited()
            print(*lines, f"Compare them with the notices, then confirm: --restored {restored.word(lines)}", sep="\n")
        else:
            print("This store waits for nothing.")
    except NotConfirmed as no:
        sys.exit(str(no))


def _is_on(name: str) -> bool:
    return os.environ.get(name, "") not in ("", "0")
