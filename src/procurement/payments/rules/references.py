"""References by which a payment is known again: ISO 11649, as people and banks write them ("RF18 5390 0754 7034")."""

from stdnum import iso11649
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

from procurement.kernel.refusal import invalid

FIGURES = 15  # of the 21 that the standard has room for: figures alone are typed without a mistake most often


def reference_of(charge: str) -> str:
    """The reference of a charge, made of its id; the database keeps two charges from sharing one."""
    number = f"{int(charge, 36) % 10**FIGURES:0{FIGURES}}"
    return f"RF{mod_97_10.calc_check_digits(number + 'RF')}{number}"


def read(typed: str) -> str:
    """A reference without its spaces. Refused("form-invalid", 422) for a mistyped one: its check digits tell."""
    try:
        return iso11649.validate(typed)
    except ValidationError:
        raise invalid(
            "Check the reference.", reference="Write it as on the request, like RF18 5390 0754 7034."
        ) from None


def shown(reference: str) -> str:
    """In blocks of four, as banks show it."""
    return iso11649.format(reference)
