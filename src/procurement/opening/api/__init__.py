"""The opening for programs: the same services as the pages."""

from procurement.opening.api.opening import OpeningApi
from procurement.opening.api.prices import PricesApi
from procurement.opening.api.shares import SharesApi
from procurement.opening.api.unread import UnreadApi

ROUTES = (OpeningApi, PricesApi, SharesApi, UnreadApi)
