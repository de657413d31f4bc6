"""`python -m stripe_double.local PORT`: localstripe on this machine's own address, which keeps nothing on disk.

It speaks an older version of the interface, in which `allowed_payment_method_types` was `payment_method_types`.
"""

import sys
from typing import Any

from aiohttp import web
from localstripe import resources, server

older = resources.PaymentIntent._api_create.__func__


def newer(cls: Any, **data: Any) -> Any:
    return older(cls, payment_method_types=data.pop("allowed_payment_method_types", None), **data)


if __name__ == "__main__":
    resources.Store.dump_to_disk = lambda self: None
    # Its route was bound to the class, whose method it looks up with each request.
    resources.PaymentIntent._api_create = classmethod(newer)
    web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
