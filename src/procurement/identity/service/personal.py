"""What is kept about a person, for that person: a ZIP file made by a job, there for seven days."""

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select

from procurement.identity.organisation_tables import PersonalExport
from procurement.infra.about_person import Rows, facts_by, rows_about
from procurement.infra.outbox import task
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.refusal import Refused, unknown

KEPT = timedelta(days=7)
EXPLAINED = """Everything that this service keeps about you.

about-you.json is for programs, about-you.txt says the same for people. Each part is called after the table and the
column that names you; "record" is what the public record holds of what you did. Proofs of who you are (hashes of
passwords and tokens, keys) and sealed bids are left out, as are other people's names and addresses.
"""


class Export(msgspec.Struct, frozen=True):
    """One export of one's own; `ready` once the job has made it."""

    id: str
    asked_at: datetime
    ready: bool
    expires_at: datetime


async def ask(tx: Tx) -> None:
    """Queue one's own export. Refused("step-up-needed", 403), ("export-waits") while one is being made."""
    tx.actor.must_be_somebody()
    tx.actor.must_be_stepped_up(tx.real_now)
    if any(not one.ready for one in await exports(tx)):
        raise Refused("export-waits", "Your file is being made. Look again in a minute.")
    row = PersonalExport(id=new_id(), person=tx.actor.person, asked_at=tx.real_now, expires_at=tx.real_now + KEPT)
    tx.session.add(row)
    await tx.session.flush()
    await tx.later(make_export, {"export": row.id})


@task
async def make_export(tx: Tx, payload: dict[str, Any]) -> None:
    """Make the file asked for in `payload["export"]`; nothing when its person is gone or it is there."""
    row = await tx.session.get(PersonalExport, payload["export"], with_for_update=True)
    if row is None or row.made_at:
        return
    about = await rows_about(tx, row.person)
    about["record"] = await facts_by(tx, row.person)
    row.content, row.made_at, row.expires_at = zipped(about), tx.real_now, tx.real_now + KEPT


async def exports(tx: Tx) -> list[Export]:
    """One's own that are there or being made, the latest first."""
    tx.actor.must_be_somebody()
    own = PersonalExport.person == tx.actor.person, PersonalExport.expires_at > tx.real_now
    columns = PersonalExport.id, PersonalExport.asked_at, PersonalExport.made_at, PersonalExport.expires_at
    rows = await tx.session.execute(select(*columns).where(*own).order_by(PersonalExport.asked_at.desc()))
    return [Export(row.id, row.asked_at, row.made_at is not None, row.expires_at) for row in rows]


async def content(tx: Tx, export_id: str) -> bytes:
    """One's own file. Refused("export-unknown", 404) for anybody else's, ("step-up-needed", 403)."""
    tx.actor.must_be_somebody()
    own = PersonalExport.person == tx.actor.person, PersonalExport.expires_at > tx.real_now
    found = await tx.session.scalar(select(PersonalExport.content).where(PersonalExport.id == export_id, *own))
    if found is None:
        raise unknown("export")
    tx.actor.must_be_stepped_up(tx.real_now)
    return found


def zipped(about: dict[str, Rows]) -> bytes:
    """The ZIP file: an explanation, JSON for programs and lines for people."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("read-me.txt", EXPLAINED)
        file.writestr("about-you.json", msgspec.json.format(msgspec.json.encode(about, enc_hook=str), indent=2))
        file.writestr("about-you.txt", "\n".join(lines(about)))
    return out.getvalue()


def lines(about: dict[str, Rows]) -> Iterable[str]:
    """The same, a line for each thing that is known."""
    for part, rows in about.items():
        yield f"{part}\n{'=' * len(part)}\n"
        for row in rows:
            yield from (f"{name}: {value}" for name, value in row.items() if value not in (None, ""))
            yield ""
