"""The web process: the composition root of the pages and the JSON API."""

import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment
from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template.config import TemplateConfig
from litestar.types import ASGIApp, Receive, Scope, Send
from redis.asyncio import Redis

from procurement import stages
from procurement.bids.intake import Intake
from procurement.bids.latching import Latching
from procurement.identity import service as identity
from procurement.infra import keys, lasting, logs, metrics, schema, traces
from procurement.infra.files import Files
from procurement.infra.freshness import Freshness
from procurement.infra.keyholder import CARRIED, Keyholder
from procurement.infra.ledger import witnesses
from procurement.infra.ledger.watch import Watch
from procurement.infra.mail import Mail
from procurement.infra.oidc import Providers, registered
from procurement.infra.outbox import Handlers
from procurement.infra.payments import keys as card_keys
from procurement.infra.payments import stripe_cards
from procurement.infra.ratelimit import Limits
from procurement.infra.search.meili import SEARCH, Meili
from procurement.infra.services.supervisor import die_with_parent
from procurement.infra.serving import when_asked_to_end
from procurement.infra.status import probers
from procurement.infra.tx import Database
from procurement.infra.waker import Waker
from procurement.infra.web import problems
from procurement.infra.web.about import AboutPages
from procurement.infra.web.answering import finish
from procurement.infra.web.clock import ClockApi
from procurement.infra.web.door import Door, access, provide_tx
from procurement.infra.web.entrance import Entrance
from procurement.infra.web.feed import Feed
from procurement.infra.web.headers import Headers
from procurement.infra.web.health import Health, Neighbours
from procurement.infra.web.look import LookPages
from procurement.infra.web.observe import Observed
from procurement.infra.web.openapi import Document
from procurement.infra.web.outages import OutageApi, OutagePages
from procurement.infra.web.problem_pages import ProblemPages
from procurement.infra.web.rates import Rates
from procurement.infra.web.record import Record
from procurement.infra.web.sandbox import SandboxApi, SandboxPages
from procurement.infra.web.shelf import Shelf
from procurement.infra.web.status import StatusApi, StatusPages
from procurement.infra.web.templates import environment
from procurement.kernel.checkpoint import SignerKey
from procurement.settings import Settings, asset

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]

YEAR = 31_536_000  # seconds
FORM_LIMIT = 2 * 1024 * 1024  # bytes; routes that receive files say their own


class Parts:
    """What one service stands on: its settings and connections. Handlers are given those in NAMES."""

    NAMES = (
        "cards",
        "database",
        "door",
        "files",
        "fresh",
        "intake",
        "keyholder",
        "latching",
        "limits",
        "mail",
        "neighbours",
        "oidc",
        "settings",
        "watch",
    )

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.cards = stripe_cards.connect(settings)
        self.waker = Waker(settings.redis_url)
        self.search = Meili.connect(settings)
        self.keyholder = Keyholder(settings.keyholder_socket)
        handlers, carried = Handlers(stages.HANDLERS), {SEARCH: self.search, CARRIED: self.keyholder}
        self.database = database = Database(settings.database_url, handlers, self.waker.wake, carried)
        recognise = partial(identity.actor_for_session, demand=identity.Demand(settings.staff_proof))
        self.door = Door(database, recognise, identity.actor_for_bearer, settings.base_url)
        self.files = Files.connect(settings.files_url, Path(settings.data))
        self.fresh = Freshness(database.engine)
        self.latching = Latching(database, self.keyholder)
        self.redis = Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2)
        self.limits = Limits(self.redis)
        self.rates = Rates(self.limits, settings, self.door.cookies.session)
        self.mail = Mail.connect(settings)
        self.neighbours = _neighbours(database, self.redis, self.keyholder)
        self.oidc = Providers(registered(settings))
        self.receipt_key = _receipt_key(settings, database)
        self.intake = Intake(database, self.door, self.latching, self.receipt_key)
        self.watch = Watch(database.sessions)
        witnesses.named(settings.ledger_witnesses)  # a wrong setting is said at the start, not by a page
        probers.tokens(settings.probe_tokens)
        metrics.requests.watch(database.engine)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Each connection is made on its first use, and closed at the end."""
        try:
            await card_keys.must_be_right(self.settings, self.database)
        except ValueError:
            await self.database.dispose()
            raise
        yield
        await self.latching.close()
        if self.cards:
            await self.cards.close()
        await self.watch.close()
        await self.waker.close()
        await self.fresh.close()
        await self.redis.aclose()
        await self.oidc.close()
        if self.search:
            self.search.close()
        await self.database.dispose()

    def under(self, routes: ASGIApp) -> ASGIApp:
        """The routes on these parts, behind what stands before every answer, 404 and 405 included."""

        async def standing(scope: Scope, receive: Receive, send: Send) -> None:
            scope["state"]["parts"] = self
            await routes(scope, receive, send)

        headers = Headers(standing, self.settings.base_url, card_keys.pages_of(self.settings))
        shelf = Shelf(headers, self.fresh, self.door.cookies.session)
        return Observed(Entrance(shelf), self.settings.trusted_proxy)  # who waits at the entrance is seen to wait


class Limited(ASGIMiddleware):
    """The limits of the parts that a request stands on."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        parts: Parts = scope["state"]["parts"]
        await parts.rates.handle(scope, receive, send, next_app)


def create_app(settings: Settings | None = None) -> Litestar:
    """The application; its ASGI interface already stands behind the security headers."""
    settings = settings or Settings.read()
    if granian := multiprocessing.parent_process():
        die_with_parent(granian.pid or 0)
        logs.configure(settings.log_level, settings.log_format)
        metrics.serve(settings.metrics_address)
    parts = Parts(settings)
    traces.start("web", parts.database.engine)

    @asynccontextmanager
    async def connections(app: Litestar) -> AsyncIterator[None]:
        if granian:
            when_asked_to_end(parts.watch.end)
        async with parts.connected():
            if granian:
                lasting.set_apart()
            yield
        traces.finish()

    app = routed(environment(settings), connections)
    app.asgi_handler = parts.under(app.asgi_handler)
    return app


def routed(templates: Environment, *lifespan: Lifespan) -> Litestar:
    """Every route, standing on nothing yet: what is made once of `Parts` comes with each request."""
    return Litestar(
        [
            ClockApi,
            Health,
            Record,
            Feed,
            AboutPages,
            LookPages,
            ProblemPages,
            SandboxPages,
            SandboxApi,
            StatusPages,
            StatusApi,
            OutagePages,
            OutageApi,
            *stages.ROUTES,
            _static(),
        ],
        lifespan=lifespan,
        dependencies={
            "tx": Provide(provide_tx),
            "receipt_key": Provide(_provide_receipt_key),
            **{name: _part(name) for name in Parts.NAMES},
        },
        exception_handlers=problems.HANDLERS,
        middleware=[Limited()],
        after_request=finish,
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(templates)),
        compression_config=CompressionConfig(backend="gzip", gzip_compress_level=5, exclude_opt_key="uncompressed"),
        request_max_body_size=FORM_LIMIT,
        openapi_config=_openapi(),
        logging_config=None,
        debug=False,  # said here: the environment turns neither on
        pdb_on_exception=False,
    )


def _static() -> Router:
    return create_static_files_router(
        "/static",
        directories=[asset("frontend") / "static"],
        cache_control=CacheControlHeader(public=True, max_age=YEAR, immutable=True),
        opt=access("public"),
        include_in_schema=False,
    )


def _openapi() -> OpenAPIConfig:
    bearer = SecurityScheme(type="http", scheme="bearer", description="A personal token, made on /account.")
    return OpenAPIConfig(
        title="Procurement",
        version=version("procurement"),
        path="/api/v1",
        render_plugins=[Document()],
        components=Components(security_schemes={"bearer": bearer}),
        use_handler_docstrings=True,
    )


def _part(name: str) -> Provide:
    def give(scope: Scope) -> Any:
        return getattr(scope["state"]["parts"], name)

    return Provide(give, sync_to_thread=False)


async def _provide_receipt_key(scope: Scope) -> SignerKey:
    parts: Parts = scope["state"]["parts"]
    return await parts.receipt_key()


def _receipt_key(settings: Settings, database: Database) -> Callable[[], Awaitable[SignerKey]]:
    """The key that signs receipts, named after the log; the file is made on first use."""
    held: list[SignerKey] = []

    async def receipt_key() -> SignerKey:
        if not held:
            held.append(keys.signer(Path(settings.data) / "keys" / "receipts", await database.origin() + keys.RECEIPTS))
        return held[0]

    return receipt_key


def _neighbours(database: Database, redis: Redis, keyholder: Keyholder) -> Neighbours:
    async def migrated() -> bool:
        async with database.engine.connect() as connection:
            return await schema.is_current(connection)

    async def valkey() -> bool:
        return bool(await redis.ping())

    return {"database": migrated, "valkey": valkey, "keyholder": keyholder.answers}
