"""What bidders see: the page of their bid, its steps, the receipt."""

from procurement.bids.pages.deposit import DepositPage
from procurement.bids.pages.device import DeviceCalls, DevicePage
from procurement.bids.pages.documents import Documents
from procurement.bids.pages.lost import LostParts
from procurement.bids.pages.receipts import Receipts
from procurement.bids.pages.steps import Declarations, Prices
from procurement.bids.pages.submit import Submit
from procurement.bids.pages.workspace import Workspace

ROUTES = (Workspace, Declarations, Prices, Documents, DepositPage, DevicePage, DeviceCalls, Submit, Receipts, LostParts)
