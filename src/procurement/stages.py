"""Every stage as the web and worker processes plug it in: routes, handlers of facts, and what the clock starts."""

from collections.abc import Awaitable, Callable

from litestar.types import ControllerRouterHandler

from procurement.infra.outbox import Handler
from procurement.infra.tx import Database

ROUTES: tuple[ControllerRouterHandler, ...] = ()

HANDLERS: tuple[Handler, ...] = ()

CLOCKWORK: tuple[Callable[[Database], Awaitable[None]], ...] = ()
"""Latches that follow from the legal clock. If they never run, no rule is broken."""
