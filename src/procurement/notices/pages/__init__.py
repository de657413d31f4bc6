"""Following and the inbox for people."""

from litestar.types import ControllerRouterHandler

from procurement.notices.pages import webhooks

ROUTES: tuple[ControllerRouterHandler, ...] = (*webhooks.ROUTES,)
