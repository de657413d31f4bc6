"""The least that a page of this framework can be: no database, no template, no session."""

import sys

from litestar import Litestar, MediaType, get


@get("/", media_type=MediaType.HTML, sync_to_thread=False)
def page() -> str:
    return "<!DOCTYPE html><title>Bare</title>"


def create_app() -> Litestar:
    return Litestar([page], openapi_config=None)


if __name__ == "__main__":
    from procurement.infra.web.serve import serve

    serve("procurement.bench._bare:create_app", "127.0.0.1", int(sys.argv[1]))
