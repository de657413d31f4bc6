"""The webhooks of an organisation: to add, look at, test, pause, replay and remove them, and to replace a secret."""

from datetime import datetime

from sqlalchemy import func, or_, select, text, update

from procurement.infra import egress
from procurement.infra.ledger import feed
from procurement.infra.ledger import service as ledger
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, invalid, unknown
from procurement.notices.rules import webhook as rules
from procurement.notices.rules.webhook import (
    Delivery,
    Wanted,
    Webhook,
    WebhookAdded,
    WebhookRemoved,
    WebhookSecretReplaced,
    What,
)
from procurement.notices.tables.webhook import WebhookDelivery, WebhookRow, WebhookSecret

LONGEST = 500  # characters of an address
SHOWN = 20  # deliveries that the page lists
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('webhooks of ' || :organisation, 0))")


async def add(tx: Tx, allowed: egress.Rules, url: str, wanted: Wanted) -> tuple[str, str]:
    """An endpoint of the organisation acted for, served from now on; its id, and the secret: readable only now.

    Refused("form-invalid"), ("webhook-exists"), ("webhooks-full"), ("step-up-needed").
    """
    ours = tx.actor.organisation
    tx.actor.must(P.WEBHOOK_MANAGE, of=ours)
    tx.actor.must_be_stepped_up(tx.real_now)
    address = _address(url, allowed)
    await _must_make_sense(tx, wanted)
    await tx.session.execute(ONE_AT_A_TIME, {"organisation": ours})
    held = list(await tx.session.scalars(select(WebhookRow.url).where(WebhookRow.organisation == ours)))
    if address in held:
        raise Refused("webhook-exists", "This address is a webhook of yours already. Remove it first, or change that.")
    rules.must_fit(len(held))
    row = WebhookRow(
        id=new_id(), organisation=ours, url=address, what=wanted.what, process=wanted.process,
        types=sorted(wanted.types), position=await feed.head(tx.session), created_by=tx.actor.person,
        created_at=tx.real_now, off_reason="", failures=0, next_at=tx.real_now, lease="", leased_until=tx.real_now,
    )  # fmt: skip
    tx.session.add(row)
    await tx.session.flush()
    secret = await _add_secret(tx, row.id)
    await tx.record(WebhookAdded(webhook=row.id, organisation=ours), organisation=ours)
    return row.id, secret


async def webhooks(tx: Tx) -> list[Webhook]:
    """Those of the organisation acted for, oldest first."""
    tx.actor.must(P.WEBHOOK_MANAGE, of=tx.actor.organisation)
    ours = select(WebhookRow).where(WebhookRow.organisation == tx.actor.organisation)
    return [_shown(row) for row in await tx.session.scalars(ours.order_by(WebhookRow.created_at, WebhookRow.id))]


async def webhook(tx: Tx, webhook_id: str) -> Webhook:
    """Refused("webhook-unknown") for those of others."""
    return _shown(await _ours(tx, webhook_id))


async def lock(tx: Tx, webhook_id: str) -> None:
    """The lock that every change takes first; it also waits for a delivery that is just being noted."""
    await _ours(tx, webhook_id, lock=True)


async def deliveries(tx: Tx, webhook_id: str) -> list[Delivery]:
    """The last messages, newest first."""
    await _ours(tx, webhook_id)
    last = select(WebhookDelivery).where(WebhookDelivery.webhook == webhook_id)
    rows = await tx.session.scalars(last.order_by(WebhookDelivery.last_at.desc()).limit(SHOWN))
    return [
        Delivery(
            message=row.message, index=row.event_index, type=row.type, attempts=row.attempts, first_at=row.first_at,
            last_at=row.last_at, delivered_at=row.delivered_at, status=row.status, problem=row.problem,
            excerpt=row.excerpt,
        )
        for row in rows
    ]  # fmt: skip


async def ask_test(tx: Tx, webhook_id: str) -> None:
    """A test event goes out as soon as a worker takes it, also while the endpoint is paused or off."""
    row = await _ours(tx, webhook_id, lock=True)
    row.test_asked_at = row.test_asked_at or tx.real_now


async def pause(tx: Tx, webhook_id: str) -> None:
    row = await _ours(tx, webhook_id, lock=True)
    row.paused_at = row.paused_at or tx.real_now


async def resume(tx: Tx, webhook_id: str) -> None:
    """Go on where it stopped, however it stopped: what happened meanwhile is sent first."""
    row = await _ours(tx, webhook_id, lock=True)
    _begin_anew(tx, row)


async def replay(tx: Tx, webhook_id: str, index: int) -> None:
    """Send again from ledger index `index` on, under the same message ids. Refused("form-invalid") beyond the log."""
    row = await _ours(tx, webhook_id, lock=True)
    head = await feed.head(tx.session)
    if not 0 <= index <= head:
        raise invalid("Check the index.", index=f"Write an index from 0 to {max(head, 0)}.")
    row.position = index - 1
    _begin_anew(tx, row)


async def replace_secret(tx: Tx, webhook_id: str) -> str:
    """A new secret, readable only now; the one before signs beside it for a day. Refused("step-up-needed")."""
    row = await _ours(tx, webhook_id, lock=True)
    tx.actor.must_be_stepped_up(tx.real_now)
    until = tx.real_now + rules.OVERLAP
    old = (WebhookSecret.webhook == row.id, WebhookSecret.ends_at.is_(None))
    await tx.session.execute(update(WebhookSecret).where(*old).values(ends_at=until))
    secret = await _add_secret(tx, row.id)
    fact = WebhookSecretReplaced(webhook=row.id, organisation=row.organisation, overlap_until=until)
    await tx.record(fact, organisation=row.organisation)
    return secret


async def remove(tx: Tx, webhook_id: str) -> None:
    """With its secrets and its list of deliveries; nothing more is sent."""
    row = await _ours(tx, webhook_id, lock=True)
    tx.actor.must(P.WEBHOOK_MANAGE, of=row.organisation)
    await tx.session.delete(row)
    fact = WebhookRemoved(webhook=row.id, organisation=row.organisation)
    await tx.record(fact, organisation=row.organisation)


async def secrets(tx: Tx, webhook_id: str) -> list[str]:
    """What signs just now, the newest first. For deliveries only: no page and no answer shows it."""
    current = or_(WebhookSecret.ends_at.is_(None), WebhookSecret.ends_at > tx.real_now)
    found = select(WebhookSecret.secret).where(WebhookSecret.webhook == webhook_id, current)
    return list(await tx.session.scalars(found.order_by(WebhookSecret.created_at.desc())))


async def overlap_until(tx: Tx, webhook_id: str) -> datetime | None:
    """Until when an older secret signs beside the newest one; nothing when there is only one."""
    await _ours(tx, webhook_id)
    running = (WebhookSecret.webhook == webhook_id, WebhookSecret.ends_at > tx.real_now)
    return await tx.session.scalar(select(func.max(WebhookSecret.ends_at)).where(*running))


async def _add_secret(tx: Tx, webhook_id: str) -> str:
    secret = rules.new_secret()
    tx.session.add(WebhookSecret(webhook=webhook_id, secret=secret, created_at=tx.real_now))
    await tx.session.flush()
    return secret


async def _ours(tx: Tx, webhook_id: str, *, lock: bool = False) -> WebhookRow:
    """An endpoint of an organisation for which this person may manage them; for everybody else there is none."""
    query = select(WebhookRow).where(WebhookRow.id == webhook_id)
    row = await tx.session.scalar(query.with_for_update() if lock else query)
    tx.actor.must_be_somebody()
    if row is None or not tx.actor.may(P.WEBHOOK_MANAGE, row.organisation):
        raise unknown("webhook")
    return row


def _begin_anew(tx: Tx, row: WebhookRow) -> None:
    row.paused_at = row.off_at = row.failing_since = None
    row.off_reason, row.failures, row.next_at = "", 0, tx.real_now


def _address(typed: str, allowed: egress.Rules) -> str:
    """Refused("form-invalid") for an address that would never be called. Its name is asked for at each delivery."""
    try:
        if len(typed) > LONGEST:
            raise egress.Forbidden(f"Write at most {LONGEST} characters.")
        return str(egress.checked(typed, allowed))
    except egress.Forbidden as no:
        raise invalid("Check the address.", url=str(no)) from None


async def _must_make_sense(tx: Tx, wanted: Wanted) -> None:
    rules.must_be_known(wanted.types)
    if (wanted.what is What.PROCESS) != bool(wanted.process):
        raise invalid("Check which procurement.", process="Write its number (OCID) here, only if you chose one.")
    if wanted.process and not await ledger.of_process(tx.session, wanted.process):
        raise invalid("Check which procurement.", process="No public procurement has this number (OCID).")


def _shown(row: WebhookRow) -> Webhook:
    return Webhook(
        id=row.id, organisation=row.organisation, url=row.url,
        wanted=Wanted(What(row.what), row.process, tuple(row.types)), position=row.position, created_at=row.created_at,
        paused_at=row.paused_at, off_at=row.off_at, off_reason=row.off_reason, failures=row.failures,
        failing_since=row.failing_since, next_at=row.next_at, tested=row.test_asked_at is None,
    )  # fmt: skip
