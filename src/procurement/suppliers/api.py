"""Suppliers' profiles for programs."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.suppliers import service
from procurement.suppliers.rules import Profile


class SupplierApi(Controller):
    path = "/api/v1/suppliers"
    tags = ("suppliers",)

    @get("/{organisation:str}", opt=access("public"))
    async def supplier(self, tx: NamedDependency[Tx], organisation: FromPath[str]) -> Profile:
        """A supplier's public profile, by organisation id."""
        return await service.profile(tx, organisation)


ROUTES = (SupplierApi,)
