"""/look and the house's own pages in a real browser: axe-clean at two widths and two themes, nothing forbidden.

They need no database, so the browser's requests are answered here, with the policy that the service sends.
"""

import mimetypes
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from looking import each_look, overflows, violations
from playwright.sync_api import Page, Route

from procurement.infra.web.headers import CSP
from procurement.infra.web.look import samples
from procurement.infra.web.templates import environment
from procurement.kernel.refusal import Refused
from procurement.settings import Settings, asset

HOME = "http://house.test"
Serve = Callable[..., None]


@pytest.fixture
def serve(page: Page) -> Serve:
    """`serve(template, **context)` opens it in the browser as the service would send it."""
    env = environment(Settings(country_name="Republic of Marrow", official_timezone="Europe/Paris"))
    state = SimpleNamespace(now=datetime(2026, 11, 21, 15, 42, 7, tzinfo=UTC), csrf="token", sandbox=True)
    shown: dict[str, Any] = {}

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            body = (asset("frontend") / path[1:]).read_bytes()
            route.fulfill(body=body, content_type=mimetypes.guess_type(path)[0] or "font/woff2")
            return
        html = env.get_template(shown["template"]).render(request=SimpleNamespace(state=state), **shown["context"])
        route.fulfill(body=html, content_type="text/html", headers={"content-security-policy": CSP})

    def open_page(template: str, **context: Any) -> None:
        shown.update(template=template, context=context)
        page.goto(HOME)

    page.route("**/*", answer)
    return open_page


def clean(page: Page) -> None:
    for look in each_look(page):
        assert violations(page) == [], look
        assert not overflows(page), f"{look}: one has to scroll sideways"


def test_look_is_clean(serve: Serve, page: Page) -> None:
    serve("look.html", **samples())
    clean(page)


@pytest.mark.parametrize("name", ["how", "sealing", "privacy", "accessibility"])
def test_what_we_say_of_ourselves_is_clean(serve: Serve, page: Page, name: str) -> None:
    serve(f"about/{name}.html")
    clean(page)


def test_a_refusal_is_clean(serve: Serve, page: Page) -> None:
    serve("error.html", status=404, refused=Refused("tender-unknown", "There is no such tender.", status=404))
    clean(page)


def test_the_countdown_counts_and_the_first_error_has_the_focus(serve: Serve, page: Page) -> None:
    serve("look.html", **samples())
    seconds = page.locator(".clock b").last
    before = seconds.inner_text()
    page.wait_for_function(
        "before => document.querySelector('.clock span:last-child b').textContent !== before", arg=before
    )
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"


def test_the_page_works_without_scripts(serve: Serve, page: Page) -> None:
    page.route("**/*.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    serve("look.html", **samples())
    assert page.locator(".clock b").first.inner_text() == "09"
    assert page.get_by_role("link", name="Title: Fill this in.").get_attribute("href") == "#title"
