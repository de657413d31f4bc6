"""How a process of ours starts: what it imports, it keeps."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def for_good() -> Iterator[None]:
    """Nothing that is imported or made within is ever garbage: it is not searched for any, neither now nor later.

    Of a start that imports hundreds of modules the search takes a fifth and more.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
