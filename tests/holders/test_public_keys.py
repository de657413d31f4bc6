"""The public half of a key is taken in its one spelling: no key is given twice as if it were two."""

import pytest

from procurement.holders.rules.keys import PublicKey, must_be_key
from procurement.kernel.ids import new_id
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.holder_key import new_holder_key


def test_a_key_in_another_spelling_is_none() -> None:
    key = new_holder_key(new_id())
    must_be_key(PublicKey(holder=key.holder, age=key.recipient, sign=key.sign))
    for age, sign in (
        (key.recipient.upper(), key.sign),
        (key.recipient, key.sign[:-2] + chr(ord(key.sign[-2]) + 1) + "="),  # bits that no byte takes
        (key.recipient, key.sign + "\n"),
        (key.recipient, key.sign[:-4]),
        (key.identity, key.sign),
    ):
        with pytest.raises(Refused, match="needs another look"):
            must_be_key(PublicKey(holder=key.holder, age=age, sign=sign))
