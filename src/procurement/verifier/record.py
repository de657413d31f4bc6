"""The signed opening record: by the office's own key, and saying what the log says of who acted and what was opened."""

from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.signing import must_be_signed
from procurement.verifier.log import Broken
from procurement.verifier.records import Findings, Placed


class Signed(msgspec.Struct, frozen=True):
    """As it is served; `signature` is base64 over the record's canonical bytes."""

    record: dict[str, Any]
    signature: str


def verify(path: str, served: bytes, opened: Placed, findings: Findings) -> str:
    """What was checked, in words. Broken names what the record at `path` says otherwise than the log."""
    signed = msgspec.json.decode(served, type=Signed)
    said = signed.record
    if said["opened"] != opened.fact:
        raise Broken(f"{path} was altered: entry {opened.index} read out something else")
    if not findings.receipts:
        raise Broken(f"{path} cannot be checked: the log names no key of receipts and opening records")
    key = Ed25519PublicKey.from_public_bytes(VerifierKey.parse(findings.receipts).key)
    try:
        must_be_signed(key, canonical(said), signed.signature)
    except Refused as no:
        raise Broken(f"{path} was altered: {no.detail}") from None
    _who_asked(path, said, opened, findings)
    _who_gave(path, said, opened, findings)
    return "the opening record is signed, and names who asked, confirmed and gave shares as the log does"


def _who_asked(path: str, said: dict[str, Any], opened: Placed, findings: Findings) -> None:
    """Two people, each by a fact before the opening."""
    before = [one for one in findings.of("OpeningRequested", "OpeningConfirmed") if one.index < opened.index]
    people = {(name, one.fact[name]) for one in before for name in ("requested_by", "confirmed_by") if name in one.fact}
    pair = {(name, said[name]) for name in ("requested_by", "confirmed_by")}
    if not pair <= people or said["requested_by"] == said["confirmed_by"]:
        raise Broken(f"{path} was altered: other people asked and confirmed before entry {opened.index}")


def _who_gave(path: str, said: dict[str, Any], opened: Placed, findings: Findings) -> None:
    """Key holders, who gave or said that they can read none."""
    answered = {one.fact["holder"] for one in findings.of("SharesGiven") if one.index < opened.index}
    told = {one["holder"] for one in said.get("shares", ())}
    if told != answered:
        raise Broken(f"{path} was altered: other key holders gave shares before entry {opened.index}")
