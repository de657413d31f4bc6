"""Following and the inbox for programs."""

from litestar.types import ControllerRouterHandler

from procurement.notices.api import webhooks

ROUTES: tuple[ControllerRouterHandler, ...] = (*webhooks.ROUTES,)
