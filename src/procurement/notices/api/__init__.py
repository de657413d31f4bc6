"""Following, the inbox and webhooks for programs."""

from litestar.types import ControllerRouterHandler

from procurement.notices.api import following, inbox, webhooks

ROUTES: tuple[ControllerRouterHandler, ...] = (*following.ROUTES, *inbox.ROUTES, *webhooks.ROUTES)
