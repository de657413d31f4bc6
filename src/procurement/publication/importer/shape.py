"""What OCDS 1.1.5 with the bid and lots extensions says about the fields of a release, as far as values are typed."""

from procurement.publication.importer.mend import (
    address,
    code,
    currency,
    fields,
    flag,
    identifier,
    many,
    moment,
    named_by,
    number,
    one,
    text,
    whole,
)

TAGS = (
    "planning", "planningUpdate", "tender", "tenderAmendment", "tenderUpdate", "tenderCancellation", "award",
    "awardUpdate", "awardCancellation", "contract", "contractUpdate", "contractAmendment", "implementation",
    "implementationUpdate", "contractTermination", "compiled",
)  # fmt: skip

process_status = code(
    "planning", "planned", "active", "cancelled", "unsuccessful", "complete", "withdrawn",
    canceled="cancelled", completed="complete", closed="complete", open="active", published="active",
)  # fmt: skip
bid_status = code(
    "invited", "pending", "valid", "disqualified", "withdrawn",
    qualified="valid", notqualified="disqualified", rejected="disqualified",
)  # fmt: skip
award_status = code("pending", "active", "cancelled", "unsuccessful", canceled="cancelled")
contract_status = code("pending", "active", "cancelled", "terminated", canceled="cancelled", complete="terminated")
milestone_status = code("scheduled", "met", "notMet", "partiallyMet")

value = fields(amount=number, currency=currency)
period = fields(startDate=moment, endDate=moment, maxExtentDate=moment, durationInDays=whole)
scheme = fields(scheme=text, id=identifier, legalName=text, description=text, uri=address)
postal = fields(streetAddress=text, locality=text, region=text, postalCode=text, countryName=text)
contact = fields(name=text, email=text, telephone=text, faxNumber=text, url=address)
reference = fields(
    name=text,
    id=identifier,
    identifier=scheme,
    additionalIdentifiers=many(scheme),
    address=postal,
    contactPoint=contact,
)
party = fields(
    name=text, id=text, identifier=scheme, additionalIdentifiers=many(scheme), address=postal, contactPoint=contact,
    roles=many(text), details=fields(),
)  # fmt: skip
related_lots = many(named_by("id", "lotId"))
documents = many(
    fields(
        id=identifier, documentType=text, title=text, description=text, url=address, datePublished=moment,
        dateModified=moment, format=text, language=text, relatedLots=related_lots,
    ),
    named=True,
)  # fmt: skip
milestones = many(
    fields(
        id=identifier, title=text, type=text, description=text, code=text, dueDate=moment, dateMet=moment,
        dateModified=moment, status=milestone_status, documents=documents, relatedLots=related_lots,
    ),
    named=True,
)  # fmt: skip
amendment = fields(
    date=moment, rationale=text, id=text, description=text, amendsReleaseID=text, releaseID=text, changes=many(fields())
)
item = fields(
    id=identifier, description=text, classification=scheme, additionalClassifications=many(scheme), quantity=number,
    unit=fields(scheme=text, id=text, name=text, uri=address, value=value), relatedLot=text,
)  # fmt: skip
related_processes = many(
    fields(id=text, relationship=many(text), title=text, scheme=text, identifier=text, uri=address)
)
lot = fields(
    id=text, title=text, description=text, status=process_status, value=value, contractPeriod=period,
)  # fmt: skip
planning = fields(
    rationale=text,
    budget=fields(
        id=identifier, description=text, amount=value, project=text, projectID=identifier, uri=address, source=address
    ),
    documents=documents,
    milestones=milestones,
)
tender = fields(
    id=identifier, title=text, description=text, status=process_status, procuringEntity=reference,
    items=many(item, named=True), value=value, minValue=value,
    procurementMethod=code("open", "selective", "limited", "direct"), procurementMethodDetails=text,
    procurementMethodRationale=text, mainProcurementCategory=code("goods", "works", "services"),
    additionalProcurementCategories=many(text), awardCriteria=text, awardCriteriaDetails=text,
    submissionMethod=many(text), submissionMethodDetails=text, tenderPeriod=period, enquiryPeriod=period,
    hasEnquiries=flag, eligibilityCriteria=text, awardPeriod=period, contractPeriod=period, numberOfTenderers=whole,
    tenderers=many(reference), documents=documents, milestones=milestones, amendments=many(amendment),
    amendment=amendment, lots=many(lot, named=True), lotDetails=fields(),
    lotGroups=many(fields(id=text, relatedLots=related_lots, optionToCombine=flag, maximumValue=value)),
)  # fmt: skip
award = fields(
    id=identifier, title=text, description=text, status=award_status, date=moment, value=value,
    suppliers=many(reference), items=many(item, some=True, named=True), contractPeriod=period, documents=documents,
    amendments=many(amendment), amendment=amendment, relatedBid=text, relatedLots=related_lots,
)  # fmt: skip
transaction = fields(
    id=identifier, source=address, date=moment, value=value, payer=reference, payee=reference, uri=address,
    amount=value, providerOrganization=scheme, receiverOrganization=scheme,
)  # fmt: skip
contract = fields(
    id=identifier, awardID=identifier, title=text, description=text, status=contract_status, period=period,
    value=value, items=many(item, some=True, named=True), dateSigned=moment, documents=documents,
    implementation=fields(
        transactions=many(transaction, named=True), milestones=milestones, documents=documents
    ),
    relatedProcesses=related_processes, milestones=milestones, amendments=many(amendment), amendment=amendment,
)  # fmt: skip
bids = fields(
    statistics=many(
        fields(id=text, measure=text, date=moment, value=number, currency=currency, notes=text, relatedLot=text),
        named=True,
    ),
    details=many(
        fields(
            id=text,
            date=moment,
            status=bid_status,
            tenderers=many(reference),
            value=value,
            documents=documents,
            relatedLots=related_lots,
        ),
        named=True,
    ),
)
release = fields(
    ocid=text, id=text, date=moment, tag=many(code(*TAGS)), initiationType=code("tender", planning="tender"),
    parties=many(party), buyer=reference, planning=one(planning), tender=tender, awards=many(award, named=True),
    contracts=many(contract, named=True), language=text, relatedProcesses=related_processes, bids=bids,
)  # fmt: skip
