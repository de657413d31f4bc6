"""One call of a webhook: signed as Standard Webhooks says, and an outcome however it ends."""

import asyncio
from datetime import UTC, datetime

import httpx
import msgspec
from standardwebhooks import Webhook as Signer

from procurement.infra import egress
from procurement.notices.rules.webhook import Event, Outcome
from procurement.notices.service.webhook_turns import Message

LONGEST = 15.0  # seconds for one call, however slowly the answer comes
EXCERPT = 200  # characters of a refusal that its owner is shown


def signed(message_id: str, event: Event, secrets: list[str], at: datetime) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a message sent at `at` (UTC): one signature for each secret, separated by spaces."""
    body = msgspec.json.encode(event)
    signatures = (Signer(secret).sign(message_id, at, body.decode()) for secret in secrets)
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return body, headers


async def send(outside: httpx.AsyncClient, message: Message) -> Outcome:
    """Call once. An answer counts from its status line on, even when the rest of it never comes."""
    body, headers = signed(message.id, message.event, message.secrets, datetime.now(UTC))
    status = 0
    try:
        async with (
            asyncio.timeout(LONGEST),
            outside.stream("POST", message.url, content=body, headers=headers) as answer,
        ):
            status = answer.status_code
            said = await egress.beginning(answer)
    except egress.Forbidden as no:
        return Outcome(0, str(no))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as failed:
        return _outcome(status, b"") if status else Outcome(0, _words(failed))
    return _outcome(status, said)


def _outcome(status: int, said: bytes) -> Outcome:
    if 200 <= status < 300:
        return Outcome(status)
    problem = f"It answered {status}."
    if 300 <= status < 400:
        problem = f"It answered {status}: redirects are not followed. Write the address that answers itself."
    readable = "".join(sign if sign.isprintable() else " " for sign in said.decode("utf-8", "replace")[:EXCERPT])
    return Outcome(status, problem, readable.strip())


def _words(failed: Exception) -> str:
    """What went wrong, without what the other side or the network library wrote."""
    if isinstance(failed, httpx.ConnectTimeout):
        return "No connection within 3 seconds."
    if isinstance(failed, httpx.TimeoutException | TimeoutError):
        return f"No answer within {LONGEST:.0f} seconds."
    if isinstance(failed, httpx.ConnectError):
        return "No connection: the name is unknown, nobody listens, or the certificate is not valid."
    return "The connection ended before there was an answer."
