"""A provider of OpenID Connect that others wrote (oidc-provider-mock), as a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx
from whole_service import free_port

from procurement.infra.services.supervisor import die_with_parent


@contextmanager
def provider(*people: dict[str, object]) -> Iterator[str]:
    """Its issuer address. Each of `people` is somebody it knows: claims with a "sub"."""
    port = free_port()
    known = [word for one in people for word in ("--user-claims", json.dumps(one))]
    argv = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true", *known]
    process = subprocess.Popen(
        argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=partial(die_with_parent, os.getpid())
    )
    issuer, until = f"http://127.0.0.1:{port}", time.monotonic() + 30
    while not _answers(issuer):
        assert process.poll() is None and time.monotonic() < until, "the provider did not start"
        time.sleep(0.1)
    yield issuer
    process.terminate()
    process.wait()


def _answers(issuer: str) -> bool:
    try:
        return httpx.get(f"{issuer}/.well-known/openid-configuration", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
