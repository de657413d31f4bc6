"""The web process: the composition root of the pages and the JSON API."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from litestar import Litestar, MediaType, Response, get
from litestar.datastructures import State
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from procurement.infra.services.embedded import answer
from procurement.settings import Settings, asset
from procurement.infra.services.supervisor import die_with_parent

PATIENCE = 2.0  # seconds a neighbour has to answer


@get("/health/live", sync_to_thread=False)
def live() -> dict[str, bool]:
    return {"live": True}


@get("/health/ready")
async def ready(state: State) -> Response[dict[str, bool]]:
    neighbours: dict[str, Callable[[], Awaitable[bool]]] = state.neighbours
    answers = await asyncio.gather(*(_answers(ask) for ask in neighbours.values()))
    return Response(dict(zip(neighbours, answers, strict=True)), status_code=200 if all(answers) else 503)


@get("/", media_type=MediaType.HTML)
async def home(state: State) -> Template:
    async with state.engine.connect() as connection:
        buyers = (await connection.execute(text("SELECT name FROM buyers ORDER BY name"))).scalars().all()
    return Template("home.html", context={"buyers": buyers})


def create_app(settings: Settings | None = None) -> Litestar:
    if granian := multiprocessing.parent_process():
        die_with_parent(granian.pid or 0)
    settings = settings or Settings.read()

    @asynccontextmanager
    async def connections(app: Litestar) -> AsyncIterator[None]:
        engine, redis = create_async_engine(settings.database_url), Redis.from_url(settings.redis_url)

        async def database() -> bool:
            async with engine.connect() as connection:
                return bool(await connection.scalar(text("SELECT count(*) FROM alembic_version")))

        async def valkey() -> bool:
            return bool(await redis.ping())

        async def keyholder() -> bool:
            return await answer(Path(settings.keyholder_socket), b"hello\n") != b""

        app.state.engine = engine
        app.state.neighbours = {"database": database, "valkey": valkey, "keyholder": keyholder}
        yield
        await redis.aclose()
        await engine.dispose()

    return Litestar(
        [live, ready, home],
        lifespan=[connections],
        template_config=TemplateConfig(directory=asset("frontend") / "templates", engine=JinjaTemplateEngine),
        openapi_config=None,
    )


async def _answers(ask: Callable[[], Awaitable[bool]]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return await ask()
    except Exception:  # whatever is wrong with a neighbour, it is not ready
        return False
