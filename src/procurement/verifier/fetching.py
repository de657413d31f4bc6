"""Reading from a service that may be dishonest: no answer fills the memory, and none is waited for without end."""

import time

import httpx

from procurement.verifier.log import Broken

LARGEST = 1 << 30  # bytes of one answer: more than any document of a tender, or page of the log
MALFORMED = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""What is raised where something was served in another shape than it should have: no moment, JSON in JSON in JSON."""
SLOWEST = 600.0  # seconds for one whole answer, however steadily it drips


def answer(client: httpx.Client, address: str) -> httpx.Response:
    """What stands at an address, whatever its status. Broken when it is too large, httpx.HTTPError when it is not all
    there in time."""
    began, body = time.monotonic(), bytearray()
    with client.stream("GET", address) as streamed:
        for piece in streamed.iter_bytes():
            body += piece
            if len(body) > LARGEST:
                raise Broken(f"{streamed.url.path} answers with more than {LARGEST} bytes")
            if time.monotonic() - began > SLOWEST:
                raise httpx.ReadTimeout(f"{streamed.url.path} is not all there after {SLOWEST:.0f} seconds")
    return httpx.Response(streamed.status_code, content=bytes(body))
