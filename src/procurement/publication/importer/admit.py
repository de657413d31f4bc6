"""Which of another publisher's releases can be taken, and why the others cannot."""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from procurement.publication.importer import shape
from procurement.publication.importer.mend import GONE, Mend, unwrap
from procurement.publication.importer.scan import Lost
from procurement.publication.importer.unpack import Published, prefix

LONGEST_ID = 500
SECTIONS = ("planning", "tender", "awards", "contracts")

exact = msgspec.json.Encoder(decimal_format="number")
_same_for_same = msgspec.json.Encoder(decimal_format="number", order="deterministic")


@dataclass(frozen=True, slots=True)
class Admitted:
    """A release as it is kept: mended JSON, with its source and the digest of what was published."""

    source: str
    ocid: str
    release_id: str
    date: datetime
    digest: bytes
    body: bytes
    mends: tuple[Mend, ...]


def admit(found: Published, source: str, own_prefix: str) -> Admitted | Lost:
    """The release, mended; or `Lost` with the reason in plain words.

    Refused is only what cannot be placed at all: without an OCID, an id, a date or a step; saying nothing; or claiming
    an OCID that only we give out. Every other defect is mended and noted.
    """
    if not isinstance(found.release, dict):
        return Lost(found.place, "not an object")
    try:
        body = shape.release(unwrap(found.release, found.notes), found.notes)
    except RecursionError:
        return Lost(found.place, "nested too deeply")
    if body is GONE or (reason := _unplaceable(body, own_prefix)):
        return Lost(found.place, reason if body is not GONE else "not an object")
    _complete(body, found)
    source = source or publisher(found.package) or prefix(body["ocid"]) or "unknown"
    return Admitted(
        source=source[:LONGEST_ID],
        ocid=body["ocid"],
        release_id=body["id"],
        date=datetime.fromisoformat(body["date"]),
        digest=sha256(_same_for_same.encode(found.release)).digest(),
        body=exact.encode(body),
        mends=tuple(found.notes.mends),
    )


def publisher(package: dict[str, Any]) -> str:
    """Who published a package: the name it gives, else the host of its address."""
    named = package.get("publisher")
    name = named.get("name") if isinstance(named, dict) else named
    if isinstance(name, str) and name.strip():
        return " ".join(name.split())
    match = re.match(r"https?://([^/:?#]+)", str(package.get("uri") or ""))
    return match[1] if match else ""


def _unplaceable(body: dict[str, Any], own_prefix: str) -> str:
    for name, what in (("ocid", "OCID"), ("id", "release id")):
        value = body.get(name)
        if not value or not str(value).strip():
            return f"no {what}"
        if len(str(value)) > LONGEST_ID:
            return f"the {what} is longer than {LONGEST_ID} signs"
    if body["ocid"].startswith(f"{own_prefix}-"):
        return f"{body['ocid']} is an OCID of ours: only this service publishes it"
    if not body.get("date"):
        return "no date that can be read"
    if not body.get("tag"):
        return "no tag of the codelist: it does not say which step it is"
    if not any(body.get(section) for section in SECTIONS):
        return "it says nothing: no planning, tender, award or contract"
    return ""


def _complete(body: dict[str, Any], found: Published) -> None:
    """What OCDS requires and can only mean one thing."""
    if "initiationType" not in body:
        found.notes.at("initiationType").note(None, "missing: OCDS knows only “tender”")
        body["initiationType"] = "tender"
    tender = body.get("tender")
    if tender is not None and tender.get("id") in (None, ""):
        found.notes.at("tender").at("id").note(tender.get("id"), "missing: the OCID serves as one")
        tender["id"] = body["ocid"]
