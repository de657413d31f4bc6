"""A few pages of a running service, only read: is it up, and does it answer as it should?"""

import httpx

from procurement.infra.doctor.finding import Finding, broken, ok
from procurement.settings import Settings

PATIENCE = 10.0  # seconds for one answer
UNKNOWN = "/no-such-page"

# Path, status, and how the media type begins.
EXPECTED = (
    ("/health/live", 200, "application/json"),
    ("/health/ready", 200, "application/json"),
    ("/", 200, "text/html"),
    ("/tenders", 200, "text/html"),
    ("/ledger/checkpoint", 200, "text/plain"),
    (UNKNOWN, 404, "text/html"),
)
# Every answer carries these, the refused ones too.
HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy")


async def smoke(settings: Settings) -> list[Finding]:
    """One finding for each of EXPECTED, of the service at BASE_URL."""
    async with httpx.AsyncClient(base_url=settings.base_url, timeout=PATIENCE) as client:
        return [await _read(client, *expected) for expected in EXPECTED]


async def _read(client: httpx.AsyncClient, path: str, status: int, media_type: str) -> Finding:
    try:
        answer = await client.get(path, headers={"Accept": media_type})
    except httpx.HTTPError as wrong:
        why = wrong or type(wrong).__name__
        return broken(path, f"no answer from {client.base_url} ({why}): does this machine reach it, and is it started?")
    if answer.status_code != status:
        return broken(path, f"answers {answer.status_code} instead of {status}: {answer.text[:200]}")
    if not answer.headers.get("content-type", "").startswith(media_type):
        return broken(path, f"is {answer.headers.get('content-type')} instead of {media_type}.")
    if missing := [name for name in HEADERS if name not in answer.headers]:
        return broken(path, f"comes without {', '.join(missing)}.")
    return ok(path, f"{status} after {answer.elapsed.total_seconds() * 1000:.0f} ms.")
