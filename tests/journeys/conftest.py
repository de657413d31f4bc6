"""A real browser for pages: Playwright drives Chromium, and a page that writes to the console fails its test."""

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import chromium
import pytest
from holder_device import KEYS, WORDS
from playwright.sync_api import Browser, Page, expect, sync_playwright
from republic import republic
from sealing_counter import Counter
from whole_service import Up

from procurement.holders import offline

As = Callable[[str], Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """It ends with its module: while Playwright's loop runs, no asynchronous test of this process can."""
    try:
        path, environ = chromium.executable()
    except chromium.NoBrowser as reason:
        pytest.skip(f"NO BROWSER: pages are not tested in one, because {reason}")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, env=dict(environ), args=list(chromium.ARGS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """The whole service with its demo, for all journeys of this run."""
    with republic(tmp_path_factory) as up:
        yield up


@pytest.fixture(scope="session")
def service(whole: Up) -> str:
    """Its address."""
    return f"http://127.0.0.1:{whole.port}"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new visitor. Console errors, refused resources (CSP) and uncaught exceptions fail the test at its end."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    fresh = context.new_page()
    fresh.set_default_timeout(10_000)
    said: list[str] = []
    fresh.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    fresh.on("pageerror", lambda error: said.append(str(error)))
    yield fresh
    context.close()
    assert said == [], f"the page complained: {said}"


@pytest.fixture
def as_(browser: Browser, service: str) -> Iterator[As]:
    """A page of somebody of the republic, signed in once."""
    known: dict[str, Page] = {}
    with ExitStack() as stack:

        def page(name: str) -> Page:
            if name not in known:
                context = browser.new_context(base_url=service, reduced_motion="reduce")
                stack.callback(context.close)
                known[name] = fresh = context.new_page()
                fresh.set_default_timeout(15_000)
                fresh.goto("/sign-in")
                fresh.locator("button", has_text=name).first.click()
                expect(fresh).to_have_url(re.compile("/desk"))
            return known[name]

        yield page


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """What the browser seals for, in one module."""
    with Counter(tmp_path_factory.mktemp("counter")) as one:
        yield one


@pytest.fixture
def sealer(page: Page, counter: Counter) -> Page:
    """A page that seals bids for the counter."""
    page.goto(counter.address)
    page.wait_for_function("'sealBid' in window")
    return page


@pytest.fixture(scope="module")
def device(browser: Browser, service: str) -> Iterator[Page]:
    """A page of the service, on which a holder's scripts may run."""
    context = browser.new_context(base_url=service)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto("/accessibility")
    yield page
    context.close()


@pytest.fixture(scope="module")
def file() -> str:
    """The first holder's key file, as the offline tool makes it."""
    return base64.b64encode(offline.lock(KEYS[0], WORDS)).decode()
