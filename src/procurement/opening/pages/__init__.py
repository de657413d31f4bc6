"""What people see of an opening, and where its officers set up their key codes."""

from procurement.opening.pages.codes import KeyCodes
from procurement.opening.pages.opening import OpeningPages
from procurement.opening.pages.prices import PricesPages
from procurement.opening.pages.shares import SharesPages
from procurement.opening.pages.unread import UnreadPages

ROUTES = (OpeningPages, PricesPages, SharesPages, UnreadPages, KeyCodes)
