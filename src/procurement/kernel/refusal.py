"""The one domain exception: a rule said no."""

from collections.abc import Mapping

from procurement.kernel.fact import Fact


class Refused(Exception):
    """Raised by rules and services; the edges turn it into a page or into problem+json (RFC 9457).

    `code` is the stable public name of the broken rule, in kebab-case; `detail` says in plain words what
    happened and what to do now. `status` is the HTTP status. `fields` maps a form field to its own message.
    `fact` is recorded although everything else is rolled back (a late attempt, for instance). `retry_after` is in
    how many seconds trying again makes sense, told with status 429 and 503.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: int = 409,
        fields: Mapping[str, str] | None = None,
        fact: Fact | None = None,
        process: str = "",
        retry_after: int = 60,
    ) -> None:
        super().__init__(detail)
        self.code, self.detail, self.status = code, detail, status
        self.fields: dict[str, str] = dict(fields or {})
        self.fact, self.process, self.retry_after = fact, process, retry_after


def unknown(what: str, detail: str = "") -> Refused:
    """The refusal for an object that does not exist, or that this person must not learn exists."""
    return Refused(f"{what}-unknown", detail or f"There is no such {what.replace('-', ' ')}.", status=404)


def invalid(detail: str, **fields: str) -> Refused:
    """The refusal for input that a form can show field by field."""
    return Refused("form-invalid", detail, status=422, fields=fields)
