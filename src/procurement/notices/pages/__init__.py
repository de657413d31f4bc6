"""Following, the inbox, feeds, calendars and webhooks for people."""

from litestar.types import ControllerRouterHandler

from procurement.notices.pages import feeds, following, inbox, letters, webhooks

ROUTES: tuple[ControllerRouterHandler, ...] = (
    *feeds.ROUTES,
    *following.ROUTES,
    *inbox.ROUTES,
    *letters.ROUTES,
    *webhooks.ROUTES,
)
