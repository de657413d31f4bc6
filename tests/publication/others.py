"""Releases of a fictional neighbour's publisher, as files to be imported."""

import json
from pathlib import Path
from typing import Any

from procurement.kernel.ids import new_id
from procurement.publication.importer.run import import_files
from procurement.settings import Settings

PORT = {"id": "P-1", "name": "Port of Sillbridge"}
DREDGERS = {"id": "S-1", "name": "Kell Dredging Co-operative"}
PAVERS = {"id": "S-2", "name": "Quay Paving Ltd"}
PARTIES = [
    {**PORT, "roles": ["buyer"], "address": {"streetAddress": "Quay 1", "locality": "Sillbridge", "region": "Coast"}},
    {**DREDGERS, "roles": ["supplier"], "address": {"streetAddress": "At home 7", "locality": "Kell"}},
    {"id": "S-9", "name": "Lost Bidders Ltd", "roles": ["tenderer"]},
]


def item(code: str, description: str = "", lot: str = "") -> dict[str, Any]:
    return {
        "id": code, "description": description, "classification": {"scheme": "CPV", "id": code},
        **({"relatedLot": lot} if lot else {}),
    }  # fmt: skip


def award(number: int, supplier: dict[str, str], amount: int, **said: Any) -> dict[str, Any]:
    given = {"id": str(number), "status": "active", "date": f"2026-03-{number:02}T00:00:00Z"}
    return given | {"suppliers": [supplier], "value": {"amount": amount, "currency": "EUR"}} | said


def release(number: int, at: str = "2026-02-01", **sections: Any) -> dict[str, Any]:
    """A call for procurement `number`, with whatever sections are said in place of or beside it."""
    call = {
        "id": "1", "title": f"Dredging of basin {number}", "status": "active", "mainProcurementCategory": "works",
        "value": {"amount": 1000, "currency": "EUR"}, "tenderPeriod": {"endDate": "2026-03-01T00:00:00Z"},
    }  # fmt: skip
    whole = {"buyer": PORT, "parties": PARTIES, "tender": call} | sections
    head = {"ocid": f"ocds-abc123-{number}", "id": f"{number}-{at}", "date": f"{at}T00:00:00Z", "tag": ["tender"]}
    return head | {"initiationType": "tender"} | {"tender": call | whole.pop("tender")} | whole


async def bring(settings: Settings, folder: Path, *releases: dict[str, Any]) -> None:
    """Import them, in one file."""
    file = folder / f"{new_id()}.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in releases))
    report = await import_files(settings, [file], lambda _: None, "Port")
    assert (report.accepted, report.refused) == (len(releases), 0)
