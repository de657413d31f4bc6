"""Browsers from which somebody signed in before. One from nowhere known is told to its owner by mail."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert

from procurement.identity.proof_tables import KnownBrowser
from procurement.identity.rules.browsers import browser_name
from procurement.identity.service.people import person_row
from procurement.infra import mail
from procurement.infra.outbox import task
from procurement.infra.tx import Tx
from procurement.kernel.ids import token_digest


async def seen(tx: Tx, person: str, visit: str, user_agent: str) -> None:
    """Somebody signs in from the browser with this visit cookie; "" when it keeps none. The first one tells nobody."""
    digest = token_digest(visit)
    of_person = KnownBrowser.person == person
    others = await tx.session.scalar(select(exists().where(of_person)))
    known = bool(visit) and await tx.session.scalar(
        select(exists().where(of_person, KnownBrowser.browser_sha256 == digest))
    )
    if visit:
        row = {"person": person, "browser_sha256": digest, "first_seen_at": tx.real_now, "last_seen_at": tx.real_now}
        again = insert(KnownBrowser).values(**row)
        await tx.session.execute(
            again.on_conflict_do_update(
                index_elements=["person", "browser_sha256"], set_={"last_seen_at": again.excluded.last_seen_at}
            )
        )
    if others and not known and not (await person_row(tx, person)).fictional:
        told = {"person": person, "browser": browser_name(user_agent), "at": tx.real_now.isoformat()}
        await tx.later(send_new_browser, told)


@task
async def send_new_browser(tx: Tx, payload: dict[str, Any]) -> None:
    """Tell `payload["person"]` from what and when they signed in."""
    person = await person_row(tx, payload["person"])
    if person.email is None:
        return
    post = mail.outgoing()
    await post.send(
        person.email,
        "identity/mail/new_browser",
        tx.real_now,
        link=f"{post.base_url}/account",
        browser=payload["browser"],
        entered_at=datetime.fromisoformat(payload["at"]),
    )
