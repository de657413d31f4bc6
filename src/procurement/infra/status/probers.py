"""Who may report from outside: each prober by a token of its own, so that what it reports is known to be its."""

import hmac
import re
from collections.abc import Mapping

from procurement.kernel.refusal import Refused

SOURCE = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}\Z")
SHORTEST = 16  # characters of a token


def tokens(setting: str) -> dict[str, str]:
    """By prober the token of PROBE_TOKENS: `north=secret south=secret`, in lines or all in one. ValueError says what is
    wrong, and repeats no secret."""
    found: dict[str, str] = {}
    for place, word in enumerate(setting.split(), 1):
        source, equals, token = word.partition("=")
        if not equals or not SOURCE.match(source):
            raise ValueError(f"PROBE_TOKENS: entry {place} has no name: write NAME=TOKEN, with a-z, 0-9, . and -")
        if len(token) < SHORTEST:
            raise ValueError(f"PROBE_TOKENS: the token of {source} has less than {SHORTEST} characters")
        if source in found or token in found.values():
            raise ValueError(f"PROBE_TOKENS: {source}, or its token, stands there twice")
        found[source] = token
    return found


def must_be(source: str, given: str, known: Mapping[str, str]) -> None:
    """Refused("probe-token-invalid", 403) for a report under a name that the token is not for."""
    expected = known.get(source, "")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        said = "Only the prober of this name may report, with its own token."
        raise Refused("probe-token-invalid", said, status=403)
