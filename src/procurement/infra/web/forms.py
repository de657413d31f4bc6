"""Reading a form into a Struct, with every wrong field named at once."""

from typing import TypeVar

import msgspec

from procurement.infra.web.as_read import FIELD
from procurement.infra.web.door import AnyRequest
from procurement.infra.web.fields import fields
from procurement.kernel.refusal import Refused, invalid

Form = TypeVar("Form", bound=msgspec.Struct)

ASIDE = {"_token", FIELD}  # they belong to the page, not to what was typed
PLAIN = {
    "Object missing required field": "Fill this in.",
    "Expected `str` of length >= 1": "Fill this in.",
    "Expected `int`": "Write a whole number.",
    "Expected `decimal`": "Write a number like 12.5.",
    "Invalid decimal string": "Write a number like 12.5.",
    "Expected `datetime`": "Write a date and time.",
    "Invalid RFC3339": "Write a date and time.",
    "Expected `bool`": "Answer yes or no.",
    "Invalid enum value": "Choose one of the answers.",
}


async def read_form(request: AnyRequest, type_: type[Form]) -> Form:
    """The submitted form as `type_`. Values are trimmed; a repeated name becomes a list.

    Refused("form-invalid", fields=...) names every wrong field. What was typed stays in `request.state.typed`.
    """
    typed: dict[str, str | list[str]] = {}
    for name, sent in (await fields(request)).items():
        values = [value.strip() for value in sent]
        typed[name] = values[0] if len(values) == 1 else values
    typed = {name: value for name, value in typed.items() if name not in ASIDE}
    request.state.typed = typed
    return convert(typed, type_)


def convert(typed: dict[str, str | list[str]], type_: type[Form]) -> Form:
    wrong: dict[str, str] = {}
    values: dict[str, object] = {}
    known = {field.encode_name: field for field in msgspec.structs.fields(type_)}
    if unknown := sorted(typed.keys() - known.keys()):
        raise invalid(f"This form has no field “{unknown[0]}”. Reload the page and try again.")
    for name, field in known.items():
        value = typed.get(name, "")
        if value == "" and not field.required:
            continue
        try:
            values[field.name] = msgspec.convert(
                [value] if _wants_list(field.type) and isinstance(value, str) else value, field.type, strict=False
            )
        except msgspec.ValidationError as error:
            wrong[name] = plain(str(error), empty=value == "")
    if wrong:
        raise Refused("form-invalid", "Some answers need another look.", status=422, fields=wrong)
    return type_(**values)


def _wants_list(type_: object) -> bool:
    kind = msgspec.inspect.type_info(type_)
    return isinstance(kind, msgspec.inspect.CollectionType)


def plain(error: str, *, empty: bool = False) -> str:
    """A validation message in plain words."""
    if empty:
        return "Fill this in."
    if "length <=" in error:
        return f"Write at most {error.split('length <= ')[1].split()[0].rstrip('.')} characters."
    return next((words for start, words in PLAIN.items() if error.startswith(start)), "This is not in the right form.")
