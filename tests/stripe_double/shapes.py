"""Parameters of a request against what the installed `stripe` package's types allow."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin
from urllib.parse import parse_qsl

from stripe import RequestOptions
from stripe.params import (
    BalanceTransactionListParams,
    BalanceTransactionRetrieveParams,
    DisputeRetrieveParams,
    PaymentIntentCancelParams,
    PaymentIntentCreateParams,
    PaymentIntentListParams,
    PaymentIntentRetrieveParams,
    PayoutRetrieveParams,
    RefundCreateParams,
    RefundListParams,
    RefundRetrieveParams,
)
from stripe.params.checkout import SessionCreateParams, SessionExpireParams, SessionRetrieveParams
from typing_extensions import get_type_hints, is_typeddict

OF = {
    ("POST", "/v1/checkout/sessions"): SessionCreateParams,
    ("GET", "/v1/checkout/sessions/"): SessionRetrieveParams,
    ("POST", "/v1/checkout/sessions//expire"): SessionExpireParams,
    ("POST", "/v1/payment_intents"): PaymentIntentCreateParams,
    ("GET", "/v1/payment_intents"): PaymentIntentListParams,
    ("GET", "/v1/payment_intents/"): PaymentIntentRetrieveParams,
    ("POST", "/v1/payment_intents//cancel"): PaymentIntentCancelParams,
    ("POST", "/v1/refunds"): RefundCreateParams,
    ("GET", "/v1/refunds"): RefundListParams,
    ("GET", "/v1/refunds/"): RefundRetrieveParams,
    ("GET", "/v1/balance_transactions"): BalanceTransactionListParams,
    ("GET", "/v1/balance_transactions/"): BalanceTransactionRetrieveParams,
    ("GET", "/v1/disputes/"): DisputeRetrieveParams,
    ("GET", "/v1/payouts/"): PayoutRetrieveParams,
}
"""By method and path, the names of objects left out."""


def parsed(form: str) -> dict[str, Any]:
    """`a[b][0]=c` as {"a": {"b": ["c"]}}."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        steps = re.findall(r"[^\[\]]+", name)
        at = tree
        for step in steps[:-1]:
            at = at.setdefault(step, {})
        at[steps[-1]] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inside = {name: _listed(one) for name, one in value.items()}
    return list(inside.values()) if all(name.isdecimal() for name in inside) else inside


def problem(given: dict[str, Any], shape: Any) -> str:
    """What is wrong with parameters, "" for nothing."""
    return _of_typed_dict(given, shape, "")


def _of_typed_dict(given: Any, shape: Any, path: str) -> str:
    if not isinstance(given, dict):
        return f"Invalid object: {path}"
    hints = _hints(shape)
    for name in given:
        if name not in hints:
            return f"Received unknown parameter: {path}{name}"
    for name in shape.__required_keys__ - _OPTIONS:
        if name not in given:
            return f"Missing required param: {path}{name}"
    found = (_of(one, hints[name], f"{path}{name}.") for name, one in given.items())
    return next((wrong for wrong in found if wrong), "")


_OPTIONS = frozenset(RequestOptions.__annotations__)  # of a call, not of what is sent


@cache
def _hints(shape: Any) -> dict[str, Any]:
    others = {"StripeContext": object, "Mapping": Mapping}  # that the options of a call, its base, name
    known = get_type_hints(shape, localns=others, include_extras=True)
    return {name: hint for name, hint in known.items() if name not in _OPTIONS}


def _of(given: Any, hint: Any, path: str) -> str:
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (NotRequired, Required):
        return _of(given, inside[0], path)
    if origin in (Union, UnionType):
        found = [_of(given, one, path) for one in inside]
        return "" if "" in found else found[0]
    if is_typeddict(hint):
        return _of_typed_dict(given, hint, path)
    if origin is list:
        wrong = (
            [_of(one, inside[0], f"{path}{at}.") for at, one in enumerate(given)] if isinstance(given, list) else [path]
        )
        return next((one for one in wrong if one), "")
    return "" if _fits(given, hint, origin, inside) else f"Invalid value: {path[:-1]}={given!r}"


def _fits(given: Any, hint: Any, origin: Any, inside: tuple[Any, ...]) -> bool:
    if origin is Literal:
        return given in inside
    if origin is dict:
        return isinstance(given, dict) and all(isinstance(one, str) for one in given.values())
    if not isinstance(given, str):
        return False
    patterns = {str: r".*", int: r"-?\d+", bool: "true|false", Decimal: r"-?\d+(\.\d+)?"}
    return hint in patterns and re.fullmatch(patterns[hint], given, re.S) is not None
