"""The bank in the browser: statements in, refunds out, and the account to which a payer wants its money back."""

from procurement.payments.pages.bank.account import RefundAccountPages
from procurement.payments.pages.bank.lines import LinePages
from procurement.payments.pages.bank.statements import StatementPages
from procurement.payments.pages.bank.transfers import TransferPages

ROUTES = (StatementPages, LinePages, TransferPages, RefundAccountPages)
