"""Every route, made once a process for each way to speak: it takes half a second, and as much for the templates."""

from functools import cache
from typing import Any

from litestar import Litestar

from procurement.settings import Settings


def routes(settings: Settings | None = None) -> Litestar:
    """The application as far as it stands on nothing: what it has, and not what it does."""
    spoken = settings or Settings()
    return _routed(spoken.country_name, spoken.official_timezone, spoken.locale)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document. Whoever changes it changes a copy."""
    from procurement.infra.web import openapi

    return openapi.document(routes())


@cache
def _routed(country: str, zone: str, locale: str) -> Litestar:
    from procurement.app import environment, routed  # a test of one stage needs no other

    return routed(environment(Settings(country_name=country, official_timezone=zone, locale=locale)))
