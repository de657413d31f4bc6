"""Answers for people."""

from collections.abc import Mapping
from typing import Any

from litestar.response import Redirect, Template

from procurement.kernel.refusal import Refused


def page(
    template: str,
    *,
    status: int = 200,
    refused: Refused | None = None,
    typed: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Template:
    """A page. With `refused`, the page says why, keeps what was `typed`, and has the refusal's status."""
    return Template(
        template,
        context={"refused": refused, "typed": typed, **context},
        status_code=refused.status if refused else status,
        headers={**(try_again(refused) if refused else {}), **(headers or {})},
    )


def try_again(no: Refused) -> dict[str, str]:
    """When to come back, for whoever was refused only for now."""
    return {"Retry-After": str(no.retry_after)} if no.status in (429, 503) else {}


def see_other(url: str) -> Redirect:
    """After a POST: go and look (303), so that reloading repeats nothing."""
    return Redirect(url, status_code=303)
