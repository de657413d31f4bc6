"""What comes to people rather than waits in a procurement: official messages, and mail that does not arrive."""

from procurement.desks.rules.model import Desk, Duty, Viewer, What
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.notices.service import bounces, inbox


async def part(tx: Tx, viewer: Viewer) -> Desk:
    """Messages are for whoever may read the inbox of the organisation, until somebody there has opened them."""
    duties = []
    if P.INBOX_READ in viewer.may and (waiting := await inbox.unread(tx, tx.actor.organisation)).count:
        duties.append(Duty(what=What.MESSAGES, title="", path="/inbox", since=waiting.since, count=waiting.count))
    if (since := await bounces.unreached_since(tx)) is not None:
        duties.append(Duty(what=What.MAIL, title="", path="/following", since=since))
    return Desk(duties=tuple(duties))
