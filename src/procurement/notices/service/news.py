"""Telling followers: one row for each person and fact, in as many statements however many there are."""

from datetime import datetime
from urllib.parse import parse_qsl

from sqlalchemy import select, text, update

from procurement.infra.outbox import Recorded
from procurement.infra.search import Collection
from procurement.infra.tx import Tx
from procurement.kernel.fact import Fact
from procurement.kernel.refusal import Refused
from procurement.notices.rules.following import OF_A_BUYER, OF_A_TENDER, What, enters
from procurement.notices.tables.following import FollowRow, NewsRow
from procurement.publication.asked import Asked
from procurement.publication.service.following import is_published, matching
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender

AT_ONCE_TOGETHER = 100  # searches compared with a notice in one statement

SPREAD = text("""
    WITH told AS MATERIALIZED (
        SELECT DISTINCT ON (person) id, person, often,
            CASE WHEN often = 'at-once' THEN replace(gen_random_uuid()::text, '-', '') END AS mail
        FROM follow
        WHERE ((kind = 'tender' AND target = :tender) OR (kind = 'buyer' AND target = :buyer)
            OR (kind = 'search' AND target = ANY(CAST(:searches AS text[]))))
        AND NOT EXISTS (SELECT FROM news n WHERE n.record_id = :record AND n.person = follow.person)
        AND NOT EXISTS (SELECT FROM mail_copy m JOIN inbox_message i ON i.id = m.message
            WHERE i.record_id = :record AND m.person = follow.person)
        ORDER BY person, array_position(ARRAY['at-once', 'daily', 'weekly', 'off'], often), kind DESC
    ), queued AS (
        INSERT INTO mail_copy (id, person, kind, queued_at, due_at)
        SELECT mail, person, 'news', CAST(:real AS timestamptz), CAST(:real AS timestamptz)
        FROM told WHERE mail IS NOT NULL
    )
    INSERT INTO news (person, follow, record_id, tender, what, often, at, mail)
    SELECT person, id, :record, CAST(:subject AS text), CAST(:what AS text), often, CAST(:at AS timestamptz), mail
    FROM told
""")
"""Whoever follows in several ways is told once, as soon as any of them asks; whose organisation has a letter about
the same fact already, not twice."""

DIGEST = text("""
    WITH waiting AS (
        SELECT id, person FROM news WHERE mail IS NULL AND often = :often AND at < :due FOR UPDATE SKIP LOCKED
    ), letters AS MATERIALIZED (
        SELECT person, replace(gen_random_uuid()::text, '-', '') AS mail FROM waiting GROUP BY person
    ), queued AS (
        INSERT INTO mail_copy (id, person, kind, queued_at, due_at)
        SELECT mail, person, 'digest', CAST(:real AS timestamptz), CAST(:real AS timestamptz) FROM letters
    )
    UPDATE news SET mail = letters.mail FROM waiting JOIN letters USING (person) WHERE news.id = waiting.id
""")


class NotPublishedYet(Exception):
    """The notice does not show the fact yet: the job is tried again a moment later."""


async def spread(tx: Tx, recorded: Recorded[Fact], tender: Tender, what: What) -> None:
    """Tell everybody who follows this tender, its buyer or a search that it now belongs to. Again changes nothing.

    Raises NotPublishedYet while the public record lacks the fact: nobody hears of what they could not look up.
    """
    if not await is_published(tx, recorded.id):
        raise NotPublishedYet(f"record {recorded.id} has no release yet")
    values = {
        "tender": tender.id if what in OF_A_TENDER else "",
        "buyer": tender.buyer if what in OF_A_BUYER else "",
        "searches": await _searches(tx, tender, what),
    }
    moments = {"real": tx.real_now, "at": tx.now}
    await tx.session.execute(SPREAD, {**values, **moments, "record": recorded.id, "subject": tender.id, "what": what})


async def _searches(tx: Tx, tender: Tender, what: What) -> list[str]:
    """The followed searches that this fact brings the notice or its award into, each once."""
    found: list[str] = []
    zone = (await tenders.rulebook_of(tx, tender)).zone
    after = ""
    while True:
        here = FollowRow.kind == "search", FollowRow.target > after
        rows = select(FollowRow.target).where(*here).distinct().order_by(FollowRow.target).limit(AT_ONCE_TOGETHER)
        targets = list(await tx.session.scalars(rows))
        if not targets:
            return found
        asked = {target: Asked.read(parse_qsl(target)) for target in targets}
        questions = {}
        for target, one in asked.items():
            if _enters(one, what):
                try:
                    questions[target] = one.question(tx.now, zone=zone)
                except Refused:  # a search that a later version can no longer read finds nothing
                    continue
        found += sorted(await matching(tx, tender.id, questions))
        after = targets[-1]


def _enters(asked: Asked, what: What) -> bool:
    return what is What.AWARDED if asked.find is Collection.AWARDS else enters(asked.statuses, what)


async def queue_digest(tx: Tx, often: str, due: datetime) -> None:
    """One letter for each person with news from before `due` that no letter has told yet."""
    await tx.session.execute(DIGEST, {"often": often, "due": due, "real": tx.real_now})


async def reschedule(tx: Tx, follow: str, often: str) -> None:
    """News that wait follow how often somebody wants to be told from now on; at once means with the next digest."""
    waits = NewsRow.follow == follow, NewsRow.mail.is_(None), NewsRow.often.in_(("daily", "weekly"))
    await tx.session.execute(update(NewsRow).where(*waits).values(often="daily" if often == "at-once" else often))
