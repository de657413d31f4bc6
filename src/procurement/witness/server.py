"""The witness over HTTP: `POST /add-checkpoint`, and `GET /<SHA-256 of the origin>/checkpoint` for monitors."""

import os
from pathlib import Path

from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from procurement.witness.rules import LARGEST, PLAIN, Rejected, watched
from procurement.witness.service import Witness, cosigner
from procurement.witness.store import Store


@post("/add-checkpoint", status_code=200, media_type="text/plain", request_max_body_size=LARGEST)
async def add_checkpoint(request: Request[None, None, State]) -> Response[str]:
    witness: Witness = request.app.state.witness
    return _plain(witness.add_checkpoint(await request.body()))


@get("/{origin_hash:str}/checkpoint", media_type="text/plain")
async def checkpoint(request: Request[None, None, State], origin_hash: FromPath[str]) -> Response[str]:
    witness: Witness = request.app.state.witness
    return _plain(witness.checkpoint(origin_hash))


def rejected(_request: Request[None, None, State], no: Rejected) -> Response[str]:
    return _plain(no.body, no.status, no.media_type)


def create_app() -> Litestar:
    """Of the environment: WITNESS_STORE (a folder), WITNESS_NAME, WITNESS_LOGS (verifier keys, spaces between)."""
    folder, name = Path(os.environ["WITNESS_STORE"]), os.environ["WITNESS_NAME"]
    app = Litestar([add_checkpoint, checkpoint], exception_handlers={Rejected: rejected}, openapi_config=None)
    app.state.witness = Witness(Store(folder), cosigner(folder, name), watched(os.environ["WITNESS_LOGS"].split()))
    return app


def _plain(body: str, status: int = 200, media_type: str = PLAIN) -> Response[str]:
    return Response(body, status_code=status, headers={"content-type": media_type})
