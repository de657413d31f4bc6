"""What went wrong with a call, as one exception."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import msgspec


class _Told(msgspec.Struct):
    """RFC 9457, as far as it is used here."""

    type: str = ""
    title: str = ""
    detail: str = ""
    fields: dict[str, str] = {}


class Problem(Exception):
    """The service refused, or could not answer.

    `code` is stable (the table in docs/api.md); "unreachable" when nothing answered at all, with `status` 0. `detail`
    is for people, `fields` says what is wrong field by field. `retry_after` are seconds after which the same call may
    go well, None when it never will by waiting alone.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: int = 0,
        fields: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.status, self.retry_after = code, detail, status, retry_after
        self.fields = dict(fields or {})

    @classmethod
    def of(cls, answer: httpx.Response) -> "Problem":
        """What an answer that is no success says; also when it comes from something in between."""
        told = _Told()
        if "json" in answer.headers.get("content-type", ""):
            try:
                told = msgspec.json.decode(answer.content, type=_Told)
            except msgspec.DecodeError:
                told = _Told()
        code = told.type.rpartition("/")[2] or f"http-{answer.status_code}"
        detail = told.detail or told.title or answer.reason_phrase
        after = _seconds(answer.headers.get("retry-after", ""))
        return cls(code, detail, status=answer.status_code, fields=told.fields, retry_after=after)


def _seconds(header: str) -> float | None:
    """`Retry-After`: seconds, or a moment (RFC 9110, 10.2.3)."""
    if header.isdecimal():
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
