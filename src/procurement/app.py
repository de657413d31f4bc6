"""The web process: the composition root of the pages and the JSON API."""

import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template.config import TemplateConfig
from redis.asyncio import Redis

from procurement import stages
from procurement.identity import service as identity
from procurement.infra import keys, logs, metrics, schema, traces
from procurement.infra.files import Files
from procurement.infra.freshness import Freshness
from procurement.infra.keyholder import Keyholder
from procurement.infra.ledger.watch import Watch
from procurement.infra.mail import Mail
from procurement.infra.oidc import Providers, registered
from procurement.infra.outbox import Handlers
from procurement.infra.ratelimit import Limits
from procurement.infra.services.supervisor import die_with_parent
from procurement.infra.tx import Database
from procurement.infra.waker import Waker
from procurement.infra.web import problems
from procurement.infra.web.about import AboutPages
from procurement.infra.web.answering import finish
from procurement.infra.web.clock import ClockApi
from procurement.infra.web.door import Door, access, provide_tx
from procurement.infra.web.feed import Feed
from procurement.infra.web.headers import Headers
from procurement.infra.web.health import Health, Neighbours
from procurement.infra.web.look import LookPages
from procurement.infra.web.observe import Observed
from procurement.infra.web.openapi import Document
from procurement.infra.web.problem_pages import ProblemPages
from procurement.infra.web.rates import Rates
from procurement.infra.web.record import Record
from procurement.infra.web.sandbox import SandboxApi, SandboxPages
from procurement.infra.web.serve import when_asked_to_end
from procurement.infra.web.shelf import Shelf
from procurement.infra.web.status import StatusApi, StatusPages
from procurement.infra.web.templates import environment
from procurement.kernel.checkpoint import SignerKey
from procurement.settings import Settings, asset

YEAR = 31_536_000  # seconds
FORM_LIMIT = 2 * 1024 * 1024  # bytes; routes that receive files say their own


def create_app(settings: Settings | None = None) -> Litestar:
    """The application; its ASGI interface already stands behind the security headers."""
    settings = settings or Settings.read()
    if granian := multiprocessing.parent_process():
        die_with_parent(granian.pid or 0)
        logs.configure(settings.log_level, settings.log_format)
        metrics.serve(settings.metrics_address)
    waker = Waker(settings.redis_url)
    database = Database(settings.database_url, Handlers(stages.HANDLERS), waker.wake)
    metrics.requests.watch(database.engine)
    traces.start("web", database.engine)
    recognise = partial(identity.actor_for_session, demand=identity.Demand(settings.staff_proof))
    door = Door(database, recognise, identity.actor_for_bearer, settings.base_url)
    redis = Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2)
    limits = Limits(redis)
    keyholder = Keyholder(settings.keyholder_socket)
    oidc = Providers(registered(settings))
    watch = Watch(database.sessions)
    fresh = Freshness(database.engine)

    @asynccontextmanager
    async def connections(app: Litestar) -> AsyncIterator[None]:
        if granian:
            when_asked_to_end(watch.end)
        yield
        await watch.close()
        await waker.close()
        await fresh.close()
        await redis.aclose()
        await oidc.close()
        await database.dispose()
        traces.finish()

    app = Litestar(
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
            *stages.ROUTES,
            _static(),
        ],
        lifespan=[connections],
        dependencies={
            "tx": Provide(provide_tx),
            "receipt_key": Provide(_receipt_key(settings, database)),
            **_values(
                database=database,
                door=door,
                files=Files.connect(settings.files_url, Path(settings.data)),
                fresh=fresh,
                keyholder=keyholder,
                limits=limits,
                mail=Mail.connect(settings),
                oidc=oidc,
                neighbours=_neighbours(database, redis, keyholder),
                settings=settings,
                watch=watch,
            ),
        },
        exception_handlers=problems.HANDLERS,
        middleware=[Rates(limits, settings.api_per_minute, settings.trusted_proxy, door.cookies.session)],
        after_request=finish,
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment(settings))),
        compression_config=CompressionConfig(backend="gzip", gzip_compress_level=5, exclude_opt_key="uncompressed"),
        request_max_body_size=FORM_LIMIT,
        openapi_config=_openapi(),
        logging_config=None,
        debug=False,  # said here: the environment turns neither on
        pdb_on_exception=False,
    )
    headers = Headers(app.asgi_handler, settings.base_url)  # outside of everything, 404 and 405 included
    shelf = Shelf(headers, fresh, door.cookies.session)
    app.asgi_handler = Observed(shelf, settings.trusted_proxy)
    return app


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


def _values(**values: Any) -> dict[str, Provide]:
    """Dependencies that are made once."""

    def give(value: Any) -> Provide:
        return Provide(lambda: value, sync_to_thread=False)

    return {name: give(value) for name, value in values.items()}


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
