"""What can be done with contracts. Every function takes the transaction first and raises `Refused`."""

from procurement.contracts.rules import Contract
from procurement.contracts.service.reading import contract, of_award, of_tender, of_tenders, to_sign
from procurement.contracts.service.signing import draft, sign_for_buyer, sign_for_supplier
from procurement.contracts.service.store import lock

__all__ = [
    "Contract",
    "contract",
    "draft",
    "lock",
    "of_award",
    "of_tender",
    "of_tenders",
    "sign_for_buyer",
    "sign_for_supplier",
    "to_sign",
]
