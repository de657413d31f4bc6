"""Every route of the application, as the access matrix and `procurement routes` list them."""

from typing import NamedTuple

from litestar import Litestar
from litestar.routes import HTTPRoute


class Listed(NamedTuple):
    """One method on one path, and whom it lets in: "public", "signed-in" or a permission; empty if it does not say."""

    method: str
    path: str
    access: str


def listed(app: Litestar) -> list[Listed]:
    """Every route, by path and method, without the HEAD and OPTIONS that the framework adds."""
    found = {
        Listed(str(method), route.path, handler.opt.get("access", ""))
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method not in ("HEAD", "OPTIONS")
    }
    return sorted(found, key=lambda route: (route.path, route.method))
