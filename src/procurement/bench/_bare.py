"""The least that a page of this framework can be: the same bytes from memory; no database, template or session."""

import mimetypes
import os
import sys
from pathlib import Path

from litestar import Litestar, Response, get
from litestar.handlers import HTTPRouteHandler

from procurement.infra.serving import serve

BODIES = "BENCH_BODIES"  # the server's worker process inherits it


def create_app() -> Litestar:
    """Serves each file of the folder under its name."""
    return Litestar([_handler(file) for file in Path(os.environ[BODIES]).iterdir()], openapi_config=None)


def _handler(file: Path) -> HTTPRouteHandler:
    body, kind = file.read_bytes(), mimetypes.guess_type(file.name)[0]

    @get(f"/{file.name}", sync_to_thread=False)
    def page() -> Response[bytes]:
        return Response(body, media_type=kind)

    return page


if __name__ == "__main__":
    serve("procurement.bench._bare:create_app", "127.0.0.1", int(sys.argv[1]))
