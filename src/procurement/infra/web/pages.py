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
        headers=dict(headers or {}),
    )


def see_other(url: str) -> Redirect:
    """After a POST: go and look (303), so that reloading repeats nothing."""
    return Redirect(url, status_code=303)
