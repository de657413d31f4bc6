"""A list of transfers for a bank: pain.001.001.09 (ISO 20022), made of the classes of pyiso20022. Pure."""

from datetime import date, datetime
from decimal import Decimal

import msgspec
from pyiso20022.pain import pain_001_001_09 as pain  # type: ignore[import-untyped]  # it ships no types
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.models.datatype import XmlDate, XmlDateTime

from procurement.kernel.money import Money
from procurement.payments.rules.transfers import Account

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


class Order(msgspec.Struct, frozen=True):
    """One transfer: the refund's id, its reference, to whom, and how much."""

    refund: str
    reference: str
    to: Account
    money: Money


def written(batch: str, at: datetime, pay_on: date, ours: Account, bic: str, orders: list[Order]) -> bytes:
    """The file. The same list gives the same bytes, under the same message id, so that a bank takes it once."""
    total = sum((order.money.decimal() for order in orders), Decimal())
    count = str(len(orders))
    header = pain.GroupHeader85(
        msg_id=batch,
        cre_dt_tm=XmlDateTime.from_datetime(at),
        nb_of_txs=count,
        ctrl_sum=total,
        initg_pty=pain.PartyIdentification135(nm=ours.holder),
    )
    payment = pain.PaymentInstruction30(
        pmt_inf_id=batch,
        pmt_mtd=pain.PaymentMethod3Code.TRF,
        btch_bookg=False,
        nb_of_txs=count,
        ctrl_sum=total,
        reqd_exctn_dt=pain.DateAndDateTime2Choice(dt=XmlDate.from_date(pay_on)),
        dbtr=pain.PartyIdentification135(nm=ours.holder),
        dbtr_acct=_account(ours),
        dbtr_agt=_bank(bic),
        chrg_br=pain.ChargeBearerType1Code.SLEV,
        cdt_trf_tx_inf=[_transfer(order) for order in orders],
    )
    initiation = pain.CustomerCreditTransferInitiationV09(grp_hdr=header, pmt_inf=[payment])
    document = pain.Document(cstmr_cdt_trf_initn=initiation)
    return XmlSerializer().render(document, ns_map={None: NAMESPACE}).encode()


def _transfer(order: Order) -> object:
    return pain.CreditTransferTransaction34(
        pmt_id=pain.PaymentIdentification6(end_to_end_id=order.reference),
        amt=pain.AmountType4Choice(
            instd_amt=pain.ActiveOrHistoricCurrencyAndAmount(value=order.money.decimal(), ccy=order.money.currency)
        ),
        cdtr=pain.PartyIdentification135(nm=_written(order.to.holder)),
        cdtr_acct=_account(order.to),
        rmt_inf=pain.RemittanceInformation16(strd=[_reference(order.reference)]),
    )


def _written(name: str) -> str:
    """A name as XML can hold it: one sign that it cannot would make the bank refuse the whole list."""
    return "".join(sign for sign in name if sign.isprintable())


def _reference(reference: str) -> object:
    kind = pain.CreditorReferenceType1Choice(cd=pain.DocumentType3Code.SCOR)
    return pain.StructuredRemittanceInformation16(
        cdtr_ref_inf=pain.CreditorReferenceInformation2(
            tp=pain.CreditorReferenceType2(cd_or_prtry=kind, issr="ISO"), ref=reference
        )
    )


def _account(account: Account) -> object:
    return pain.CashAccount38(id=pain.AccountIdentification4Choice(iban=account.iban))


def _bank(bic: str) -> object:
    institution = pain.FinancialInstitutionIdentification18(bicfi=bic or None)
    if not bic:
        institution.othr = pain.GenericFinancialIdentification1(id="NOTPROVIDED")
    return pain.BranchAndFinancialInstitutionIdentification6(fin_instn_id=institution)
