"""What people see of an opening, and where its officers set up their key codes."""

from procurement.opening.pages.codes import KeyCodes
from procurement.opening.pages.opening import OpeningPages

ROUTES = (OpeningPages, KeyCodes)
