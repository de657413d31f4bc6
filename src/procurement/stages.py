"""Every stage as the web and worker processes plug it in: routes, handlers of facts, and what the clock starts."""

from collections.abc import Awaitable, Callable

from litestar.types import ControllerRouterHandler

from procurement.identity import api as identity_api
from procurement.identity import jobs as identity_jobs
from procurement.identity import pages as identity_pages
from procurement.infra.outbox import Handler
from procurement.infra.tx import Database
from procurement.suppliers import api as suppliers_api
from procurement.suppliers import pages as suppliers_pages

ROUTES: tuple[ControllerRouterHandler, ...] = (
    *identity_api.ROUTES,
    *identity_pages.ROUTES,
    *suppliers_api.ROUTES,
    *suppliers_pages.ROUTES,
)

HANDLERS: tuple[Handler, ...] = (*identity_jobs.HANDLERS,)

CLOCKWORK: tuple[Callable[[Database], Awaitable[None]], ...] = ()
"""Latches that follow from the legal clock. If they never run, no rule is broken."""
