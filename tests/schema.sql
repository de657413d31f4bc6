-- tables and columns
access_review.id text NOT NULL
access_review.organisation text NOT NULL
access_review.reviewed_by text NOT NULL
access_review.reviewed_at timestamp with time zone NOT NULL
access_review.confirmed bigint NOT NULL
access_review.ended bigint NOT NULL
alembic_version.version_num character varying(32) NOT NULL
answer.question_id text NOT NULL
answer.answered_by text NOT NULL
answer.answered_at timestamp with time zone NOT NULL
answer.question_text text NOT NULL
answer.text text NOT NULL
api_token.id text NOT NULL
api_token.token_sha256 bytea NOT NULL
api_token.person text NOT NULL
api_token.organisation text
api_token.label text NOT NULL
api_token.created_at timestamp with time zone NOT NULL
api_token.expires_at timestamp with time zone NOT NULL
api_token.last_used_at timestamp with time zone
api_token.stepped_up_at timestamp with time zone
api_token.revoked_at timestamp with time zone
api_token.scopes jsonb
availability.component text NOT NULL
availability.source text NOT NULL
availability.day date NOT NULL
availability.good bigint NOT NULL
availability.bad bigint NOT NULL
availability.last_at timestamp with time zone NOT NULL
availability.last_good boolean NOT NULL
award.id text NOT NULL
award.tender_id text NOT NULL
award.lot text NOT NULL
award.bid_id text
award.supplier_id text
award.price_amount bigint
award.price_currency text
award.reason text NOT NULL
award.proposed_by text NOT NULL
award.proposed_at timestamp with time zone NOT NULL
award.approved_by text
award.announced_at timestamp with time zone
award.standstill_ends timestamp with time zone
award.reasons jsonb NOT NULL
award.returned_by text
award.returned_at timestamp with time zone
award.return_reason text NOT NULL
award_hold.id text NOT NULL
award_hold.award_id text NOT NULL
award_hold.reason text NOT NULL
award_hold.placed_by text NOT NULL
award_hold.placed_at timestamp with time zone NOT NULL
award_hold.lifted_by text NOT NULL
award_hold.lifted_at timestamp with time zone
award_hold.lift_reason text NOT NULL
bank_line.id text NOT NULL
bank_line.statement text NOT NULL
bank_line.number integer NOT NULL
bank_line.identity text NOT NULL
bank_line.booked_on date NOT NULL
bank_line.amount bigint NOT NULL
bank_line.currency text NOT NULL
bank_line.bank_reference text NOT NULL
bank_line.reference text NOT NULL
bank_line.text text NOT NULL
bank_line.end_to_end text NOT NULL
bank_line.reversal boolean NOT NULL
bank_line.returned boolean NOT NULL
bank_line.name text NOT NULL
bank_line.account text NOT NULL
bank_line.outcome text NOT NULL
bank_line.why text NOT NULL
bank_line.charge_id text
bank_line.payment_id text
bank_line.refund_id text
bank_line.note text NOT NULL
bank_line.settled_by text
bank_line.settled_at timestamp with time zone
bank_line.forgotten_at timestamp with time zone
bank_statement.id text NOT NULL
bank_statement.sha256 text NOT NULL
bank_statement.format text NOT NULL
bank_statement.currency text NOT NULL
bank_statement.opening bigint
bank_statement.closing bigint
bank_statement.first_day date NOT NULL
bank_statement.last_day date NOT NULL
bank_statement.lines integer NOT NULL
bank_statement.added integer NOT NULL
bank_statement.imported_by text NOT NULL
bank_statement.imported_at timestamp with time zone NOT NULL
bank_statement.record_id bigint NOT NULL
bid.id text NOT NULL
bid.tender_id text NOT NULL
bid.supplier_id text NOT NULL
bid.round integer NOT NULL
bid.kind text NOT NULL
bid.version integer NOT NULL
bid.idempotency_key text NOT NULL
bid.request_sha256 text NOT NULL
bid.digest text NOT NULL
bid.envelope bytea NOT NULL
bid.submitted_by text NOT NULL
bid.received_at timestamp with time zone NOT NULL
bid.deadline_applied timestamp with time zone NOT NULL
bid_closing.tender_id text NOT NULL
bid_closing.closed_at timestamp with time zone NOT NULL
bid_closing.bids integer NOT NULL
bid_closing.root text NOT NULL
bid_closing.record_id bigint NOT NULL
bid_draft.id text NOT NULL
bid_draft.tender_id text NOT NULL
bid_draft.supplier_id text NOT NULL
bid_draft.started_by text NOT NULL
bid_draft.started_at timestamp with time zone NOT NULL
bid_draft.changed_at timestamp with time zone NOT NULL
bid_draft.recipient text NOT NULL
bid_draft.locked text NOT NULL
bid_draft.box bytea NOT NULL
bid_draft.changes integer NOT NULL DEFAULT 0
bid_draft.bid_id text
bid_draft.sealed_by text NOT NULL DEFAULT 'server'::text
bid_draft.m integer NOT NULL DEFAULT 0
bid_draft.n integer NOT NULL DEFAULT 0
bid_draft.roster text NOT NULL DEFAULT ''::text
bid_draft.financial_recipient text NOT NULL DEFAULT ''::text
bid_draft.financial_locked text NOT NULL DEFAULT ''::text
bid_financial.bid_id text NOT NULL
bid_financial.digest text NOT NULL
bid_financial.envelope bytea NOT NULL
bid_financial.lot text NOT NULL DEFAULT ''::text
bid_part.tender_id text NOT NULL
bid_part.supplier_id text NOT NULL
bid_part.sha256 text NOT NULL
bid_part.size bigint NOT NULL
bid_part.stored_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
bid_receipt.bid_id text NOT NULL
bid_receipt.record_id bigint NOT NULL
bid_receipt.body bytea NOT NULL
bid_recovery.bid_id text NOT NULL
bid_recovery.tender_id text NOT NULL
bid_recovery.supplier_id text NOT NULL
bid_recovery.asked_at timestamp with time zone NOT NULL
bid_recovery.until timestamp with time zone NOT NULL
bid_recovery.identity text
bid_recovery.given_at timestamp with time zone
bid_recovery.proposed_by text
bid_recovery.proposed_at timestamp with time zone
bid_recovery.reason text
bid_recovery.put_out_by text
bid_recovery.put_out_at timestamp with time zone
bid_recovery.silent jsonb
bid_withdrawal.bid_id text NOT NULL
bid_withdrawal.tender_id text NOT NULL
bid_withdrawal.supplier_id text NOT NULL
bid_withdrawal.withdrawn_by text NOT NULL
bid_withdrawal.received_at timestamp with time zone NOT NULL
bid_withdrawal.deadline_applied timestamp with time zone NOT NULL
bidder.tender_id text NOT NULL
bidder.supplier_id text NOT NULL
book_entry.id bigint NOT NULL
book_entry.key text NOT NULL
book_entry.at timestamp with time zone NOT NULL
book_entry.record_id bigint NOT NULL
book_posting.entry bigint NOT NULL
book_posting.account text NOT NULL
book_posting.party text NOT NULL
book_posting.amount bigint NOT NULL
book_posting.currency text NOT NULL
calendar_feed.id text NOT NULL
calendar_feed.token_sha256 bytea NOT NULL
calendar_feed.person text NOT NULL
calendar_feed.organisation text
calendar_feed.created_at timestamp with time zone NOT NULL
calendar_feed.revoked_at timestamp with time zone
card_attempt.charge_id text NOT NULL
card_attempt.number integer NOT NULL
card_attempt.way text NOT NULL
card_attempt.amount bigint NOT NULL
card_attempt.currency text NOT NULL
card_attempt.state text NOT NULL
card_attempt.external text NOT NULL
card_attempt.intent text NOT NULL
card_attempt.problem text NOT NULL
card_attempt.begun_at timestamp with time zone NOT NULL
card_attempt.until timestamp with time zone NOT NULL
card_difference.kind text NOT NULL
card_difference.object text NOT NULL
card_difference.amount bigint NOT NULL
card_difference.currency text NOT NULL
card_difference.found_at timestamp with time zone NOT NULL
card_difference.healed boolean NOT NULL
card_difference.closed_at timestamp with time zone
card_difference.closed_by text
card_event.id text NOT NULL
card_event.type text NOT NULL
card_event.object text NOT NULL
card_event.made_at timestamp with time zone NOT NULL
card_event.received_at timestamp with time zone NOT NULL
card_reconciliation.id bigint NOT NULL
card_reconciliation.since timestamp with time zone NOT NULL
card_reconciliation.until timestamp with time zone NOT NULL
card_reconciliation.done_at timestamp with time zone NOT NULL
card_reconciliation.compared integer NOT NULL
card_reconciliation.differences integer NOT NULL
card_work.kind text NOT NULL
card_work.object text NOT NULL
card_work.turn bigint NOT NULL
card_work.since timestamp with time zone NOT NULL
card_work.due_at timestamp with time zone NOT NULL
card_work.attempts integer NOT NULL
card_work.problem text NOT NULL
charge.id text NOT NULL
charge.purpose text NOT NULL
charge.subject text NOT NULL
charge.process text NOT NULL
charge.title text NOT NULL
charge.payer text NOT NULL
charge.payee text NOT NULL
charge.amount bigint NOT NULL
charge.currency text NOT NULL
charge.reference text NOT NULL
charge.asked_at timestamp with time zone NOT NULL
charge.due timestamp with time zone
charge.cancelled_at timestamp with time zone
charge.paid bigint NOT NULL
charge.promised bigint NOT NULL
charge.keeping bigint NOT NULL
charge.returned bigint NOT NULL
charge.kept bigint NOT NULL
charge.disputed bigint NOT NULL
classification.scheme text NOT NULL
classification.language text NOT NULL
classification.code text NOT NULL
classification.label text NOT NULL
classification.beginning text NOT NULL
classification.parent text NOT NULL
classification.tsv tsvector NOT NULL
clock_watermark.singleton boolean NOT NULL DEFAULT true
clock_watermark.at timestamp with time zone NOT NULL
compliance.tender_id text NOT NULL
compliance.bid_id text NOT NULL
compliance.compliant boolean NOT NULL
compliance.reason text NOT NULL
compliance.decided_by text NOT NULL
compliance.decided_at timestamp with time zone NOT NULL
consensus.tender_id text NOT NULL
consensus.bid_id text NOT NULL
consensus.criterion_id text NOT NULL
consensus.score bigint NOT NULL
consensus.reason text NOT NULL
consensus.agreed_by text NOT NULL
consensus.agreed_at timestamp with time zone NOT NULL
contract.id text NOT NULL
contract.tender_id text NOT NULL
contract.award_id text NOT NULL
contract.lot text NOT NULL
contract.buyer_id text NOT NULL
contract.supplier_id text NOT NULL
contract.title text NOT NULL
contract.value_amount bigint NOT NULL
contract.value_currency text NOT NULL
contract.starts_on date NOT NULL
contract.ends_on date NOT NULL
contract.document_sha256 text NOT NULL
contract.document_size bigint NOT NULL
contract.drafted_by text NOT NULL
contract.drafted_at timestamp with time zone NOT NULL
contract.buyer_signer text
contract.buyer_signed_at timestamp with time zone
contract.supplier_signer text
contract.supplier_signed_at timestamp with time zone
criterion.id text NOT NULL
criterion.tender_id text NOT NULL
criterion.lot_id text
criterion.number bigint NOT NULL
criterion.name text NOT NULL
criterion.description text NOT NULL
criterion.kind text NOT NULL
criterion.weight numeric NOT NULL
delegation.id text NOT NULL
delegation.organisation text NOT NULL
delegation.role text NOT NULL
delegation.giver text NOT NULL
delegation.deputy text NOT NULL
delegation.reason text NOT NULL
delegation.starts_at timestamp with time zone NOT NULL
delegation.ends_at timestamp with time zone NOT NULL
delegation.offered_at timestamp with time zone NOT NULL
delegation.accepted_at timestamp with time zone
delegation.ended_at timestamp with time zone
delegation.ended_by text
demo_secret.person_id text NOT NULL
demo_secret.secret text NOT NULL
derivation.name text NOT NULL
derivation.edition bigint NOT NULL
derivation.after text NOT NULL
derivation.done boolean NOT NULL
derivation.at timestamp with time zone NOT NULL
dispute.id text NOT NULL
dispute.external text NOT NULL
dispute.payment_id text NOT NULL
dispute.amount bigint NOT NULL
dispute.currency text NOT NULL
dispute.covered bigint NOT NULL
dispute.reason text NOT NULL
dispute.opened_at timestamp with time zone NOT NULL
dispute.closed_at timestamp with time zone
dispute.won boolean
document_scan.bid_id text NOT NULL
document_scan.number integer NOT NULL
document_scan.verdict text NOT NULL
document_scan.found text NOT NULL DEFAULT ''::text
document_scan.looked_at timestamp with time zone NOT NULL
draft_warning.tender text NOT NULL
draft_warning.organisation text NOT NULL
draft_warning.hours integer NOT NULL
draft_warning.deadline timestamp with time zone NOT NULL
draft_warning.message text NOT NULL
erased_file.kind text NOT NULL
erased_file.sha256 text NOT NULL
erased_file.owner text NOT NULL
erased_file.record_class text NOT NULL
erased_file.erased_at timestamp with time zone NOT NULL
erased_file.gone_at timestamp with time zone
evaluation.tender_id text NOT NULL
evaluation.started_at timestamp with time zone NOT NULL
evaluation.concluded_at timestamp with time zone
evaluation.concluded_by text
evaluation.ranking jsonb
evaluation.report_sha256 text NOT NULL DEFAULT ''::text
evaluator.tender_id text NOT NULL
evaluator.person_id text NOT NULL
evaluator.chair boolean NOT NULL
evaluator.appointed_by text NOT NULL
evaluator.appointed_at timestamp with time zone NOT NULL
evaluator.dismissed_at timestamp with time zone
evaluator.declared_at timestamp with time zone
evaluator.conflict boolean NOT NULL
evaluator.statement text NOT NULL
evaluator.locked_at timestamp with time zone
evaluator.sheet_sha256 text NOT NULL
feedback.id text NOT NULL
feedback.about text NOT NULL
feedback.text text NOT NULL
feedback.page text NOT NULL
feedback.email text NOT NULL
feedback.received_at timestamp with time zone NOT NULL
feedback.due_at timestamp with time zone NOT NULL
feedback.answer text NOT NULL
feedback.answered_by text
feedback.answered_at timestamp with time zone
financial_opening.tender_id text NOT NULL
financial_opening.record_id bigint NOT NULL
financial_opening.decided_at timestamp with time zone NOT NULL
financial_opening.passed jsonb NOT NULL
financial_opening.requested_by text
financial_opening.requested_at timestamp with time zone
financial_opening.confirmed_by text
financial_opening.confirmed_at timestamp with time zone
financial_opening.released_at timestamp with time zone
financial_opening.shown_at timestamp with time zone
financial_opening.problem text NOT NULL DEFAULT ''::text
financial_opening.record bytea
financial_opening.shared_at timestamp with time zone
financial_opening.leaf text
follow.id text NOT NULL
follow.person text NOT NULL
follow.organisation text
follow.kind text NOT NULL
follow.target text NOT NULL
follow.often text NOT NULL
follow.since timestamp with time zone NOT NULL
forfeiture.id text NOT NULL
forfeiture.charge_id text NOT NULL
forfeiture.amount bigint NOT NULL
forfeiture.currency text NOT NULL
forfeiture.reason text NOT NULL
forfeiture.basis text NOT NULL
forfeiture.asked_by text NOT NULL
forfeiture.asked_at timestamp with time zone NOT NULL
forfeiture.approved_by text
forfeiture.approved_at timestamp with time zone
forfeiture.refused_by text
forfeiture.refused_at timestamp with time zone
forfeiture.refusal text NOT NULL
former_name.organisation text NOT NULL
former_name.until timestamp with time zone NOT NULL
former_name.name text NOT NULL
holder_challenge.id text NOT NULL
holder_challenge.holder_id text NOT NULL
holder_challenge.subject text NOT NULL
holder_challenge.sealed bytea NOT NULL
holder_challenge.answer text NOT NULL
holder_challenge.asked_at timestamp with time zone NOT NULL
holder_challenge.answered_at timestamp with time zone
idempotency.actor text NOT NULL
idempotency.key text NOT NULL
idempotency.request bytea NOT NULL
idempotency.status integer NOT NULL
idempotency.headers jsonb NOT NULL
idempotency.body bytea NOT NULL
idempotency.at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
imported_release.id bigint NOT NULL
imported_release.source text NOT NULL
imported_release.ocid text NOT NULL
imported_release.release_id text NOT NULL
imported_release.digest bytea NOT NULL
imported_release.date timestamp with time zone NOT NULL
imported_release.body bytea NOT NULL
imported_release.mends jsonb NOT NULL
imported_release.at timestamp with time zone NOT NULL
inbox_message.id text NOT NULL
inbox_message.record_id bigint
inbox_message.delivery_record_id bigint
inbox_message.organisation text NOT NULL
inbox_message.sender text
inbox_message.tender text
inbox_message.kind text NOT NULL
inbox_message.title text NOT NULL
inbox_message.body text NOT NULL
inbox_message.link text NOT NULL
inbox_message.due_at timestamp with time zone
inbox_message.delivered_at timestamp with time zone NOT NULL
inbox_reading.message text NOT NULL
inbox_reading.person text NOT NULL
inbox_reading.at timestamp with time zone NOT NULL
inbox_reading.record_id bigint
incident.id text NOT NULL
incident.component text NOT NULL
incident.title text NOT NULL
incident.began_at timestamp with time zone NOT NULL
incident.ended_at timestamp with time zone
incident_note.id text NOT NULL
incident_note.incident text NOT NULL
incident_note.text text NOT NULL
incident_note.actor text NOT NULL
incident_note.at timestamp with time zone NOT NULL
installation.singleton boolean NOT NULL DEFAULT true
installation.sandbox boolean NOT NULL
installation.origin text NOT NULL
installation.created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
invitation.id text NOT NULL
invitation.token_sha256 bytea
invitation.organisation text NOT NULL
invitation.role text NOT NULL
invitation.name text NOT NULL
invitation.email text NOT NULL
invitation.invited_by text
invitation.created_at timestamp with time zone NOT NULL
invitation.expires_at timestamp with time zone NOT NULL
invitation.accepted_at timestamp with time zone
invitation.withdrawn_at timestamp with time zone
item.id text NOT NULL
item.tender_id text NOT NULL
item.lot_id text NOT NULL
item.number bigint NOT NULL
item.description text NOT NULL
item.classification_scheme text NOT NULL
item.classification_id text NOT NULL
item.classification_description text NOT NULL
item.quantity numeric NOT NULL
item.unit text NOT NULL
item.place text NOT NULL
kept_person.reason text NOT NULL
kept_person.person text NOT NULL
kept_person.since timestamp with time zone NOT NULL
key_holder.id text NOT NULL
key_holder.person_id text NOT NULL
key_holder.organisation text NOT NULL
key_holder.office text NOT NULL
key_holder.age text NOT NULL
key_holder.sign text NOT NULL
key_holder.fingerprint text NOT NULL
key_holder.enrolled_at timestamp with time zone NOT NULL
key_holder.proved_at timestamp with time zone
key_holder.confirmed_by text
key_holder.confirmed_at timestamp with time zone
key_holder.ended_by text
key_holder.ended_at timestamp with time zone
key_holder.reason text NOT NULL
keyholder_mark.id integer NOT NULL
keyholder_mark.number bigint NOT NULL
keyholder_mark.mark text NOT NULL
keyholder_mark.restored_at timestamp with time zone
keyholder_mark.confirmed_at timestamp with time zone
keyholder_mark.signature text NOT NULL DEFAULT ''::text
known_browser.person text NOT NULL
known_browser.browser_sha256 bytea NOT NULL
known_browser.first_seen_at timestamp with time zone NOT NULL
known_browser.last_seen_at timestamp with time zone NOT NULL
ledger_checkpoint.size bigint NOT NULL
ledger_checkpoint.root bytea NOT NULL
ledger_checkpoint.at timestamp with time zone NOT NULL
ledger_checkpoint.note text
ledger_cosignature.witness text NOT NULL
ledger_cosignature.size bigint NOT NULL
ledger_cosignature.at timestamp with time zone NOT NULL
ledger_cosignature.line text NOT NULL
ledger_disclosure.record_id bigint NOT NULL
ledger_disclosure.by bigint NOT NULL
ledger_leaf.leaf_index bigint NOT NULL
ledger_leaf.record_id bigint NOT NULL
ledger_leaf.entry bytea NOT NULL
ledger_origin.id bigint NOT NULL
ledger_origin.origin text NOT NULL
ledger_origin.previous text NOT NULL
ledger_origin.record_id bigint NOT NULL
ledger_origin.at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
ledger_pending.record_id bigint NOT NULL
ledger_record.id bigint NOT NULL
ledger_record.at timestamp with time zone NOT NULL
ledger_record.type text NOT NULL
ledger_record.process text NOT NULL
ledger_record.organisation text NOT NULL
ledger_record.actor text NOT NULL
ledger_record.visible text NOT NULL
ledger_record.body bytea NOT NULL
ledger_record.salt bytea NOT NULL
ledger_tile.level integer NOT NULL
ledger_tile.tile_index bigint NOT NULL
ledger_tile.hashes bytea NOT NULL
ledger_timestamp.size bigint NOT NULL
ledger_timestamp.at timestamp with time zone NOT NULL
ledger_timestamp.reply bytea NOT NULL
legal_hold.id text NOT NULL
legal_hold.about text NOT NULL
legal_hold.subject text NOT NULL
legal_hold.reason text NOT NULL
legal_hold.placed_by text NOT NULL
legal_hold.placed_at timestamp with time zone NOT NULL
legal_hold.lift_asked_by text
legal_hold.lift_asked_at timestamp with time zone
legal_hold.lift_reason text NOT NULL
legal_hold.lifted_by text
legal_hold.lifted_at timestamp with time zone
lost_part.bid_id text NOT NULL
lost_part.sha256 text NOT NULL
lost_part.size integer NOT NULL
lost_part.found_at timestamp with time zone NOT NULL
lost_part.deposited_at timestamp with time zone
lot.id text NOT NULL
lot.tender_id text NOT NULL
lot.number bigint NOT NULL
lot.title text NOT NULL
lot.description text NOT NULL
lot.value_amount bigint
low_price.tender_id text NOT NULL
low_price.bid_id text NOT NULL
low_price.lot text NOT NULL
low_price.question text NOT NULL
low_price.asked_by text NOT NULL
low_price.asked_at timestamp with time zone NOT NULL
low_price.answer text NOT NULL
low_price.answered_by text
low_price.answered_at timestamp with time zone
low_price.accepted boolean
low_price.reason text NOT NULL
low_price.decided_by text
low_price.decided_at timestamp with time zone
mail_bounce.id text NOT NULL
mail_bounce.person text NOT NULL
mail_bounce.address_sha256 bytea NOT NULL
mail_bounce.status text NOT NULL
mail_bounce.at timestamp with time zone NOT NULL
mail_bounce.ended_at timestamp with time zone
mail_copy.id text NOT NULL
mail_copy.person text NOT NULL
mail_copy.kind text NOT NULL
mail_copy.message text
mail_copy.queued_at timestamp with time zone NOT NULL
mail_copy.due_at timestamp with time zone NOT NULL
mail_copy.attempts integer NOT NULL DEFAULT 0
mail_copy.problem text NOT NULL DEFAULT ''::text
mail_copy.sent_at timestamp with time zone
mail_copy.failed_at timestamp with time zone
membership.id text NOT NULL
membership.person text NOT NULL
membership.organisation text NOT NULL
membership.role text NOT NULL
membership.since timestamp with time zone NOT NULL
membership.until timestamp with time zone
motion.id text NOT NULL
motion.kind text NOT NULL
motion.organisation text NOT NULL
motion.successor text
motion.email text
motion.evidence text NOT NULL
motion.evidence_key bytea NOT NULL
motion.proposed_by text NOT NULL
motion.proposed_at timestamp with time zone NOT NULL
motion.decided_by text
motion.decided_at timestamp with time zone
motion.carried boolean
news.id bigint NOT NULL
news.person text NOT NULL
news.follow text NOT NULL
news.record_id bigint NOT NULL
news.tender text NOT NULL
news.what text NOT NULL
news.often text NOT NULL
news.at timestamp with time zone NOT NULL
news.mail text
notice.id text NOT NULL
notice.source text NOT NULL
notice.ocid text NOT NULL
notice.title text NOT NULL
notice.summary text NOT NULL
notice.kind text NOT NULL
notice.buyer_id text NOT NULL
notice.buyer text NOT NULL
notice.supplier_ids text[] NOT NULL
notice.suppliers text[] NOT NULL
notice.categories text[] NOT NULL
notice.amount bigint
notice.currency character(3)
notice.outcome text NOT NULL
notice.published_at timestamp with time zone NOT NULL
notice.deadline timestamp with time zone
notice.awarded_at timestamp with time zone
notice.award_amount bigint
notice.award_currency character(3)
notice.bids integer
notice.words text NOT NULL
notice.tsv tsvector NOT NULL
notice.told text NOT NULL DEFAULT ''::text
notice.labels text NOT NULL DEFAULT ''::text
notice.broader text NOT NULL DEFAULT ''::text
opened_bid.bid_id text NOT NULL
opened_bid.tender_id text NOT NULL
opened_bid.supplier_id text NOT NULL
opened_bid.version integer NOT NULL
opened_bid.digest text NOT NULL
opened_bid.received_at timestamp with time zone NOT NULL
opened_bid.record_id bigint NOT NULL
opened_bid.staged_at timestamp with time zone NOT NULL
opened_bid.prices jsonb
opened_bid.problem_code text NOT NULL DEFAULT ''::text
opened_bid.problem text NOT NULL DEFAULT ''::text
opened_document.bid_id text NOT NULL
opened_document.number integer NOT NULL
opened_document.name text NOT NULL
opened_document.media_type text NOT NULL
opened_document.size bigint NOT NULL
opened_document.sha256 text NOT NULL
opened_document.confidential text NOT NULL
opened_price.bid_id text NOT NULL
opened_price.tender_id text NOT NULL
opened_price.digest text NOT NULL
opened_price.staged_at timestamp with time zone NOT NULL
opened_price.prices jsonb
opened_price.problem_code text NOT NULL DEFAULT ''::text
opened_price.problem text NOT NULL DEFAULT ''::text
opened_price.lot text NOT NULL DEFAULT ''::text
opening.tender_id text NOT NULL
opening.leaf text NOT NULL
opening.requested_by text NOT NULL
opening.requested_at timestamp with time zone NOT NULL
opening.confirmed_by text
opening.confirmed_at timestamp with time zone
opening.released_at timestamp with time zone
opening.shown_at timestamp with time zone
opening.problem text NOT NULL DEFAULT ''::text
opening.record bytea
opening.shared_at timestamp with time zone
opening_paper.tender_id text NOT NULL
opening_paper.record_id bigint NOT NULL
opening_paper.sha256 text
opening_paper.size bigint
opening_paper.written_at timestamp with time zone
organisation.id text NOT NULL
organisation.name text NOT NULL
organisation.kind text NOT NULL
organisation.identifier_scheme text NOT NULL
organisation.identifier text NOT NULL
organisation.country text NOT NULL
organisation.created_at timestamp with time zone NOT NULL
organisation.merged_into text
organisation.merged_at timestamp with time zone
outage.id text NOT NULL
outage.component text NOT NULL
outage.source text NOT NULL
outage.began_at timestamp with time zone NOT NULL
outage.ended_at timestamp with time zone
outage.silent boolean NOT NULL
outage_proposal.tender_id text NOT NULL
outage_proposal.deadline timestamp with time zone NOT NULL
outage_proposal.later timestamp with time zone NOT NULL
outage_proposal.minutes integer NOT NULL
outage_proposal.evidence jsonb NOT NULL
outage_proposal.proposed_at timestamp with time zone NOT NULL
outage_proposal.record_id bigint NOT NULL
outage_proposal.taken boolean
outage_proposal.reason text NOT NULL DEFAULT ''::text
outage_proposal.decided_by text
outage_proposal.decided_at timestamp with time zone
outage_proposal.weighed jsonb
outbox.id bigint NOT NULL
outbox.topic text NOT NULL
outbox.record_id bigint
outbox.payload jsonb NOT NULL
outbox.due_at timestamp with time zone NOT NULL
outbox.attempts integer NOT NULL
outbox.problem text NOT NULL
outbox.done_at timestamp with time zone
page_version.topic text NOT NULL
page_version.version bigint NOT NULL
passkey.id text NOT NULL
passkey.person text NOT NULL
passkey.credential_id bytea NOT NULL
passkey.public_key bytea NOT NULL
passkey.sign_count bigint NOT NULL
passkey.label text NOT NULL
passkey.created_at timestamp with time zone NOT NULL
passkey.last_used_at timestamp with time zone
passkey.suspected_at timestamp with time zone
passkey_challenge.challenge_sha256 bytea NOT NULL
passkey_challenge.browser_sha256 bytea NOT NULL
passkey_challenge.person text
passkey_challenge.purpose text NOT NULL
passkey_challenge.expires_at timestamp with time zone NOT NULL
payment.id text NOT NULL
payment.charge_id text
payment.channel text NOT NULL
payment.external text NOT NULL
payment.amount bigint NOT NULL
payment.currency text NOT NULL
payment.paid_at timestamp with time zone NOT NULL
payment.received_at timestamp with time zone NOT NULL
payment.matched_by text
payment.matched_at timestamp with time zone
payment.claimed bigint NOT NULL
payment.returned bigint NOT NULL
person.id text NOT NULL
person.name text
person.email text
person.password_hash text
person.fictional boolean NOT NULL
person.created_at timestamp with time zone NOT NULL
person.disabled_at timestamp with time zone
person.email_proved_at timestamp with time zone
personal_export.id text NOT NULL
personal_export.person text NOT NULL
personal_export.asked_at timestamp with time zone NOT NULL
personal_export.made_at timestamp with time zone
personal_export.expires_at timestamp with time zone NOT NULL
personal_export.content bytea
price_recovery.bid_id text NOT NULL
price_recovery.tender_id text NOT NULL
price_recovery.supplier_id text NOT NULL
price_recovery.asked_at timestamp with time zone NOT NULL
price_recovery.until timestamp with time zone NOT NULL
price_recovery.identity text
price_recovery.given_at timestamp with time zone
price_recovery.proposed_by text
price_recovery.proposed_at timestamp with time zone
price_recovery.reason text
price_recovery.put_out_by text
price_recovery.put_out_at timestamp with time zone
price_recovery.lot text NOT NULL DEFAULT ''::text
price_recovery.silent jsonb
price_share.bid_id text NOT NULL
price_share.place integer NOT NULL
price_share.tender_id text NOT NULL
price_share.member text NOT NULL
price_share.sha256 text NOT NULL
price_share.ct text NOT NULL
price_share.given bytea
price_share.unreadable boolean NOT NULL DEFAULT false
price_share.lot text NOT NULL DEFAULT ''::text
price_shares_given.tender_id text NOT NULL
price_shares_given.member text NOT NULL
price_shares_given.given_at timestamp with time zone NOT NULL
price_shares_given.shares integer NOT NULL
provider_account.issuer text NOT NULL
provider_account.subject text NOT NULL
provider_account.person text NOT NULL
provider_account.linked_at timestamp with time zone NOT NULL
provider_account.last_used_at timestamp with time zone NOT NULL
provider_arrival.token_sha256 bytea NOT NULL
provider_arrival.provider text NOT NULL
provider_arrival.issuer text NOT NULL
provider_arrival.subject text NOT NULL
provider_arrival.name text NOT NULL
provider_arrival.email text NOT NULL
provider_arrival.strong boolean NOT NULL
provider_arrival.expires_at timestamp with time zone NOT NULL
provider_visit.state_sha256 bytea NOT NULL
provider_visit.browser_sha256 bytea NOT NULL
provider_visit.provider text NOT NULL
provider_visit.person text
provider_visit.nonce text NOT NULL
provider_visit.verifier text NOT NULL
provider_visit.next text NOT NULL
provider_visit.begun_at timestamp with time zone NOT NULL
provider_visit.expires_at timestamp with time zone NOT NULL
public_award.id text NOT NULL
public_award.notice_id text NOT NULL
public_award.source text NOT NULL
public_award.ocid text NOT NULL
public_award.title text NOT NULL
public_award.kind text NOT NULL
public_award.buyer_id text NOT NULL
public_award.buyer text NOT NULL
public_award.supplier_ids text[] NOT NULL
public_award.suppliers text[] NOT NULL
public_award.categories text[] NOT NULL
public_award.amount bigint
public_award.currency character(3)
public_award.estimate bigint
public_award.status text NOT NULL
public_award.awarded_at timestamp with time zone NOT NULL
public_award.signed_at timestamp with time zone
public_award.contract_id text NOT NULL
public_award.bids integer
public_award.words text NOT NULL
public_award.told text NOT NULL
public_award.labels text NOT NULL
public_award.broader text NOT NULL
public_award.tsv tsvector NOT NULL
public_organisation.id text NOT NULL
public_organisation.source text NOT NULL
public_organisation.name text NOT NULL
public_organisation.roles text[] NOT NULL
public_organisation.place text NOT NULL
public_organisation.bought bigint NOT NULL
public_organisation.won bigint NOT NULL
public_organisation.seen_at timestamp with time zone NOT NULL
public_organisation.words text NOT NULL
public_organisation.tsv tsvector NOT NULL
question.id text NOT NULL
question.tender_id text NOT NULL
question.number bigint NOT NULL
question.supplier_id text NOT NULL
question.asked_by text NOT NULL
question.asked_at timestamp with time zone NOT NULL
question.text text NOT NULL
receipt.id text NOT NULL
receipt.year integer NOT NULL
receipt.number integer NOT NULL
receipt.kind text NOT NULL
receipt.subject text NOT NULL
receipt.charge_id text NOT NULL
receipt.payer text NOT NULL
receipt.amount bigint NOT NULL
receipt.currency text NOT NULL
receipt.book_key text NOT NULL
receipt.record_id bigint NOT NULL
receipt.document_sha256 text NOT NULL
receipt.document_size bigint NOT NULL
receipt.issued_at timestamp with time zone NOT NULL
receipt.name text NOT NULL DEFAULT ''::text
receipt_due.kind text NOT NULL
receipt_due.subject text NOT NULL
receipt_due.charge_id text NOT NULL
receipt_due.book_key text NOT NULL
receipt_due.record_id bigint NOT NULL
receipt_number.year integer NOT NULL
receipt_number.last integer NOT NULL
recovery.token_sha256 bytea NOT NULL
recovery.person text NOT NULL
recovery.expires_at timestamp with time zone NOT NULL
recovery.used_at timestamp with time zone
recovery_code.person text NOT NULL
recovery_code.code_sha256 bytea NOT NULL
recovery_code.used_at timestamp with time zone
refund.id text NOT NULL
refund.charge_id text
refund.payment_id text NOT NULL
refund.amount bigint NOT NULL
refund.currency text NOT NULL
refund.reason text NOT NULL
refund.basis text NOT NULL
refund.people integer NOT NULL
refund.asked_by text
refund.asked_at timestamp with time zone NOT NULL
refund.confirmed_by text
refund.confirmed_at timestamp with time zone
refund.approved_by text
refund.approved_at timestamp with time zone
refund.refused_by text
refund.refused_at timestamp with time zone
refund.refusal text NOT NULL
refund.sending_at timestamp with time zone
refund.sent_at timestamp with time zone
refund.failed_at timestamp with time zone
refund.problem text NOT NULL
refund.external text NOT NULL
refund_account.organisation text NOT NULL
refund_account.iban text NOT NULL
refund_account.holder text NOT NULL
refund_account.set_by text NOT NULL
refund_account.set_at timestamp with time zone NOT NULL
registration.id text NOT NULL
registration.token_sha256 bytea
registration.name text NOT NULL
registration.email text NOT NULL
registration.password_hash text NOT NULL
registration.organisation text NOT NULL
registration.country text NOT NULL
registration.identifier_scheme text NOT NULL
registration.identifier text NOT NULL
registration.next text NOT NULL
registration.expires_at timestamp with time zone NOT NULL
release.id text NOT NULL
release.record_id bigint NOT NULL
release.ocid text NOT NULL
release.date timestamp with time zone NOT NULL
release.body bytea NOT NULL
released_share.bid_id text NOT NULL
released_share.place integer NOT NULL
released_share.tender_id text NOT NULL
released_share.member text NOT NULL
released_share.sha256 text NOT NULL
released_share.ct text NOT NULL
released_share.given bytea
released_share.unreadable boolean NOT NULL DEFAULT false
roster.subject text NOT NULL
roster.process text NOT NULL
roster.buyer text NOT NULL
roster.title text NOT NULL
roster.level text NOT NULL
roster.quorum integer NOT NULL
roster.sha256 text NOT NULL
roster.content bytea NOT NULL
roster.asked_at timestamp with time zone NOT NULL
roster.frozen_at timestamp with time zone
roster.opening_at timestamp with time zone
roster.ended_at timestamp with time zone
roster_call.subject text NOT NULL
roster_call.opening_at timestamp with time zone NOT NULL
roster_call.what text NOT NULL
roster_call.at timestamp with time zone NOT NULL
roster_seat.subject text NOT NULL
roster_seat.place integer NOT NULL
roster_seat.holder_id text NOT NULL
roster_seat.signature text NOT NULL
roster_seat.signed_at timestamp with time zone
rulebook.id text NOT NULL
rulebook.name text NOT NULL
rulebook.version bigint NOT NULL
rulebook.sha256 text NOT NULL
rulebook.title text NOT NULL
rulebook.text bytea NOT NULL
rulebook.loaded_at timestamp with time zone NOT NULL
rulebook_activation.proposal_id text NOT NULL
rulebook_activation.proposed_by text NOT NULL
rulebook_activation.activated_by text NOT NULL
rulebook_activation.activated_at timestamp with time zone NOT NULL
rulebook_proposal.id text NOT NULL
rulebook_proposal.rulebook_id text NOT NULL
rulebook_proposal.proposed_by text NOT NULL
rulebook_proposal.proposed_at timestamp with time zone NOT NULL
sandbox_clock.id bigint NOT NULL
sandbox_clock.offset_by interval NOT NULL
sandbox_clock.actor text NOT NULL
sandbox_clock.set_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
score.tender_id text NOT NULL
score.person_id text NOT NULL
score.bid_id text NOT NULL
score.criterion_id text NOT NULL
score.value bigint
score.comment text NOT NULL
seal_key_end.tender_id text NOT NULL
seal_key_end.record_id bigint NOT NULL
seal_key_end.ended_at timestamp with time zone NOT NULL
seal_key_end.tried_at timestamp with time zone
seal_key_end.destroyed_at timestamp with time zone
search_index.collection text NOT NULL
search_index.uid text NOT NULL
search_index.settings text NOT NULL
search_index.ticket text NOT NULL
search_index.ticket_before text NOT NULL
search_index.position bigint NOT NULL
search_index.documents bigint NOT NULL
search_index.built_at timestamp with time zone NOT NULL
search_waiting.collection text NOT NULL
search_waiting.id text NOT NULL
search_waiting.turn bigint NOT NULL DEFAULT nextval('search_turn'::regclass)
search_waiting.since timestamp with time zone NOT NULL DEFAULT clock_timestamp()
search_word.collection text NOT NULL
search_word.word text NOT NULL
search_word.number bigint NOT NULL
service_mode.id bigint NOT NULL
service_mode.read_only boolean NOT NULL
service_mode.reason text NOT NULL
service_mode.until timestamp with time zone
service_mode.actor text NOT NULL
service_mode.at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
service_mode.legal_at timestamp with time zone NOT NULL DEFAULT legal_now()
shares_given.tender_id text NOT NULL
shares_given.member text NOT NULL
shares_given.given_at timestamp with time zone NOT NULL
shares_given.shares integer NOT NULL
sighting.id text NOT NULL
sighting.component text NOT NULL
sighting.source text NOT NULL
sighting.began_at timestamp with time zone NOT NULL
sighting.ended_at timestamp with time zone NOT NULL
sign_in_challenge.token_sha256 bytea NOT NULL
sign_in_challenge.person text NOT NULL
sign_in_challenge.expires_at timestamp with time zone NOT NULL
sign_in_challenge.used_at timestamp with time zone
spending.month date NOT NULL
spending.buyer_id text NOT NULL
spending.kind text NOT NULL
spending.currency character(3) NOT NULL
spending.awards bigint NOT NULL
spending.single bigint NOT NULL
spending.amount bigint NOT NULL
spending.estimate bigint NOT NULL
staged_removal.tender_id text NOT NULL
staged_removal.bids integer NOT NULL
staged_removal.documents integer NOT NULL
staged_removal.removed_at timestamp with time zone NOT NULL
supplier.organisation text NOT NULL
supplier.street text NOT NULL
supplier.locality text NOT NULL
supplier.region text NOT NULL
supplier.postal_code text NOT NULL
supplier.website text NOT NULL
supplier.contact_email text NOT NULL
supplier.small boolean NOT NULL
supplier.categories text[] NOT NULL
supplier.changed_at timestamp with time zone NOT NULL
technical_result.tender_id text NOT NULL
technical_result.proposed_by text NOT NULL
technical_result.proposed_at timestamp with time zone NOT NULL
technical_result.decided_by text
technical_result.decided_at timestamp with time zone
tender.id text NOT NULL
tender.ocid text NOT NULL
tender.buyer_id text NOT NULL
tender.state text NOT NULL
tender.revision bigint NOT NULL
tender.revision_hash text NOT NULL
tender.title text NOT NULL
tender.description text NOT NULL
tender.category text NOT NULL
tender.value_amount bigint NOT NULL
tender.value_currency text NOT NULL
tender.procedure_name text NOT NULL
tender.award_method text NOT NULL
tender.contract_terms text NOT NULL
tender.rulebook_id text
tender.rulebook_sha256 text NOT NULL
tender.procedure jsonb NOT NULL
tender.seal_level text NOT NULL
tender.keyholder_recipient text NOT NULL
tender.created_by text NOT NULL
tender.created_at timestamp with time zone NOT NULL
tender.submitted_by text
tender.submitted_at timestamp with time zone
tender.returned_reason text NOT NULL
tender.published_by text
tender.published_at timestamp with time zone
tender.question_deadline timestamp with time zone
tender.answer_deadline timestamp with time zone
tender.deadline timestamp with time zone
tender.opening_at timestamp with time zone
tender.closed_at timestamp with time zone
tender.settled_at timestamp with time zone
tender.cancelled_by text
tender.cancelled_at timestamp with time zone
tender.cancel_reason text NOT NULL
tender.deposit_amount bigint
tender.financial_recipient text
tender.keyholder_key text
tender.opening_keys jsonb
tender_document.id text NOT NULL
tender_document.tender_id text NOT NULL
tender_document.name text NOT NULL
tender_document.media_type text NOT NULL
tender_document.size bigint NOT NULL
tender_document.sha256 text NOT NULL
tender_document.version bigint NOT NULL
tender_document.added_by text NOT NULL
tender_document.added_at timestamp with time zone NOT NULL
tender_document.published_at timestamp with time zone
tender_extension.id text NOT NULL
tender_extension.tender_id text NOT NULL
tender_extension.deadline timestamp with time zone NOT NULL
tender_extension.reason text NOT NULL
tender_extension.proposed_by text NOT NULL
tender_extension.proposed_at timestamp with time zone NOT NULL
tender_extension.decided_by text
tender_extension.decided_at timestamp with time zone
tender_extension.approved boolean
tender_number.year bigint NOT NULL
tender_number.last bigint NOT NULL
tender_revision.tender_id text NOT NULL
tender_revision.revision bigint NOT NULL
tender_revision.sha256 text NOT NULL
tender_revision.content bytea NOT NULL
tender_revision.published_at timestamp with time zone NOT NULL
totp.person text NOT NULL
totp.secret text NOT NULL
totp.confirmed_at timestamp with time zone
totp.last_step bigint NOT NULL
transfer_batch.id text NOT NULL
transfer_batch.currency text NOT NULL
transfer_batch.made_by text NOT NULL
transfer_batch.made_at timestamp with time zone NOT NULL
transfer_order.refund_id text NOT NULL
transfer_order.batch text NOT NULL
transfer_order.reference text NOT NULL
transfer_order.iban text NOT NULL
transfer_order.holder text NOT NULL
upload_reservation.id text NOT NULL
upload_reservation.organisation text NOT NULL
upload_reservation.bytes bigint NOT NULL
upload_reservation.until timestamp with time zone NOT NULL
web_session.id text NOT NULL
web_session.token_sha256 bytea NOT NULL
web_session.person text NOT NULL
web_session.organisation text
web_session.created_at timestamp with time zone NOT NULL
web_session.last_seen_at timestamp with time zone NOT NULL
web_session.expires_at timestamp with time zone NOT NULL
web_session.stepped_up_at timestamp with time zone NOT NULL
web_session.revoked_at timestamp with time zone
web_session.user_agent text NOT NULL
web_session.proved_by text NOT NULL DEFAULT 'password'::text
web_session.provider text NOT NULL DEFAULT ''::text
webhook.id text NOT NULL
webhook.organisation text NOT NULL
webhook.url text NOT NULL
webhook.what text NOT NULL
webhook.process text NOT NULL
webhook.types jsonb NOT NULL
webhook.position bigint NOT NULL
webhook.created_by text NOT NULL
webhook.created_at timestamp with time zone NOT NULL
webhook.paused_at timestamp with time zone
webhook.off_at timestamp with time zone
webhook.off_reason text NOT NULL
webhook.failures integer NOT NULL
webhook.failing_since timestamp with time zone
webhook.next_at timestamp with time zone NOT NULL
webhook.test_asked_at timestamp with time zone
webhook.lease text NOT NULL
webhook.leased_until timestamp with time zone NOT NULL
webhook_delivery.webhook text NOT NULL
webhook_delivery.message text NOT NULL
webhook_delivery.event_index bigint
webhook_delivery.type text NOT NULL
webhook_delivery.attempts integer NOT NULL
webhook_delivery.first_at timestamp with time zone NOT NULL
webhook_delivery.last_at timestamp with time zone NOT NULL
webhook_delivery.delivered_at timestamp with time zone
webhook_delivery.status integer NOT NULL
webhook_delivery.problem text NOT NULL
webhook_delivery.excerpt text NOT NULL
webhook_secret.webhook text NOT NULL
webhook_secret.secret text NOT NULL
webhook_secret.created_at timestamp with time zone NOT NULL
webhook_secret.ends_at timestamp with time zone

-- constraints
access_review access_review_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
access_review access_review_pkey: PRIMARY KEY (id)
access_review access_review_reviewed_by_fkey: FOREIGN KEY (reviewed_by) REFERENCES person(id)
alembic_version alembic_version_pkc: PRIMARY KEY (version_num)
answer answer_answered_by_fkey: FOREIGN KEY (answered_by) REFERENCES person(id)
answer answer_pkey: PRIMARY KEY (question_id)
answer answer_question_id_fkey: FOREIGN KEY (question_id) REFERENCES question(id)
answer answer_question_text_check: CHECK ((question_text <> ''::text))
answer answer_text_check: CHECK ((text <> ''::text))
api_token api_token_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
api_token api_token_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
api_token api_token_pkey: PRIMARY KEY (id)
api_token api_token_scopes_check: CHECK (((jsonb_typeof(scopes) = 'array'::text) AND (scopes <> '[]'::jsonb)))
api_token api_token_token_sha256_key: UNIQUE (token_sha256)
availability availability_bad_check: CHECK ((bad >= 0))
availability availability_good_check: CHECK ((good >= 0))
availability availability_pkey: PRIMARY KEY (day, component, source)
availability availability_source_check: CHECK (((length(source) >= 1) AND (length(source) <= 60)))
award award_approved_by_fkey: FOREIGN KEY (approved_by) REFERENCES person(id)
award award_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES bid(id)
award award_check: CHECK ((num_nulls(bid_id, supplier_id, price_amount, price_currency) = ANY (ARRAY[0, 4])))
award award_check1: CHECK (((announced_at IS NULL) = (approved_by IS NULL)))
award award_check2: CHECK (((standstill_ends IS NULL) OR (standstill_ends > announced_at)))
award award_check3: CHECK (((announced_at IS NULL) OR (supplier_id IS NULL) OR (standstill_ends IS NOT NULL)))
award award_check4: CHECK (((announced_at IS NULL) OR (returned_at IS NULL)))
award award_pkey: PRIMARY KEY (id)
award award_price_amount_check: CHECK ((price_amount >= 0))
award award_price_currency_check: CHECK ((price_currency ~ '^[A-Z]{3}$'::text))
award award_proposed_by_fkey: FOREIGN KEY (proposed_by) REFERENCES person(id)
award award_reason_check: CHECK ((reason <> ''::text))
award award_returned_by_fkey: FOREIGN KEY (returned_by) REFERENCES person(id)
award award_supplier_id_fkey: FOREIGN KEY (supplier_id) REFERENCES organisation(id)
award award_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
award_hold award_hold_award_id_fkey: FOREIGN KEY (award_id) REFERENCES award(id)
award_hold award_hold_check: CHECK (((lifted_at IS NULL) = (lift_reason = ''::text)))
award_hold award_hold_pkey: PRIMARY KEY (id)
award_hold award_hold_reason_check: CHECK ((reason <> ''::text))
bank_line bank_line_amount_check: CHECK ((amount <> 0))
bank_line bank_line_charge_id_fkey: FOREIGN KEY (charge_id) REFERENCES charge(id)
bank_line bank_line_check: CHECK (((outcome = 'person'::text) = (settled_at IS NULL)))
bank_line bank_line_check1: CHECK (((forgotten_at IS NULL) OR ((name = ''::text) AND (account = ''::text) AND (text = ''::text))))
bank_line bank_line_currency_check: CHECK ((currency ~ '^[A-Z]{3}$'::text))
bank_line bank_line_identity_check: CHECK ((identity ~ '^[0-9a-f]{64}$'::text))
bank_line bank_line_identity_key: UNIQUE (identity)
bank_line bank_line_number_check: CHECK ((number > 0))
bank_line bank_line_outcome_check: CHECK ((outcome = ANY (ARRAY['paid'::text, 'refund-sent'::text, 'refund-returned'::text, 'taken-back'::text, 'set-aside'::text, 'person'::text])))
bank_line bank_line_payment_id_fkey: FOREIGN KEY (payment_id) REFERENCES payment(id)
bank_line bank_line_pkey: PRIMARY KEY (id)
bank_line bank_line_refund_id_fkey: FOREIGN KEY (refund_id) REFERENCES refund(id)
bank_line bank_line_settled_by_fkey: FOREIGN KEY (settled_by) REFERENCES person(id)
bank_line bank_line_statement_fkey: FOREIGN KEY (statement) REFERENCES bank_statement(id)
bank_statement bank_statement_check: CHECK ((last_day >= first_day))
bank_statement bank_statement_check1: CHECK (((added >= 0) AND (added <= lines)))
bank_statement bank_statement_check2: CHECK (((opening IS NULL) = (closing IS NULL)))
bank_statement bank_statement_currency_check: CHECK ((currency ~ '^[A-Z]{3}$'::text))
bank_statement bank_statement_format_check: CHECK ((format = ANY (ARRAY['camt.053'::text, 'csv'::text])))
bank_statement bank_statement_imported_by_fkey: FOREIGN KEY (imported_by) REFERENCES person(id)
bank_statement bank_statement_lines_check: CHECK ((lines > 0))
bank_statement bank_statement_pkey: PRIMARY KEY (id)
bank_statement bank_statement_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
bank_statement bank_statement_record_id_key: UNIQUE (record_id)
bank_statement bank_statement_sha256_check: CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
bank_statement bank_statement_sha256_key: UNIQUE (sha256)
bid bid_check: CHECK ((received_at < deadline_applied))
bid bid_digest_check: CHECK ((digest ~ '^[0-9a-f]{64}$'::text))
bid bid_digest_key: UNIQUE (digest)
bid bid_idempotency_key_check: CHECK (((length(idempotency_key) >= 1) AND (length(idempotency_key) <= 200)))
bid bid_pkey: PRIMARY KEY (id)
bid bid_submitted_by_fkey: FOREIGN KEY (submitted_by) REFERENCES person(id)
bid bid_tender_id_round_supplier_id_kind_version_key: UNIQUE (tender_id, round, supplier_id, kind, version)
bid bid_tender_id_supplier_id_fkey: FOREIGN KEY (tender_id, supplier_id) REFERENCES bidder(tender_id, supplier_id)
bid bid_tender_id_supplier_id_idempotency_key_key: UNIQUE (tender_id, supplier_id, idempotency_key)
bid bid_version_check: CHECK ((version > 0))
bid_closing bid_closing_bids_check: CHECK ((bids >= 0))
bid_closing bid_closing_pkey: PRIMARY KEY (tender_id)
bid_closing bid_closing_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
bid_draft bid_draft_check: CHECK ((n >= m))
bid_draft bid_draft_m_check: CHECK ((m >= 0))
bid_draft bid_draft_pkey: PRIMARY KEY (id)
bid_draft bid_draft_roster_check: CHECK ((roster ~ '^([0-9a-f]{64})?$'::text))
bid_draft bid_draft_sealed_by_check: CHECK ((sealed_by = ANY (ARRAY['server'::text, 'client'::text])))
bid_draft bid_draft_started_by_fkey: FOREIGN KEY (started_by) REFERENCES person(id)
bid_draft bid_draft_tender_id_supplier_id_fkey: FOREIGN KEY (tender_id, supplier_id) REFERENCES bidder(tender_id, supplier_id)
bid_draft bid_draft_tender_id_supplier_id_key: UNIQUE (tender_id, supplier_id)
bid_financial bid_financial_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES bid(id)
bid_financial bid_financial_digest_check: CHECK ((digest ~ '^[0-9a-f]{64}$'::text))
bid_financial bid_financial_digest_key: UNIQUE (digest)
bid_financial bid_financial_pkey: PRIMARY KEY (bid_id, lot)
bid_part bid_part_pkey: PRIMARY KEY (tender_id, supplier_id, sha256)
bid_part bid_part_sha256_check: CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
bid_part bid_part_size_check: CHECK ((size > 0))
bid_part bid_part_tender_id_supplier_id_fkey: FOREIGN KEY (tender_id, supplier_id) REFERENCES bidder(tender_id, supplier_id)
bid_receipt bid_receipt_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES bid(id)
bid_receipt bid_receipt_pkey: PRIMARY KEY (bid_id)
bid_receipt bid_receipt_record_id_key: UNIQUE (record_id)
bid_recovery bid_recovery_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES bid(id)
bid_recovery bid_recovery_check: CHECK ((until > asked_at))
bid_recovery bid_recovery_check1: CHECK (((identity IS NULL) OR (given_at IS NOT NULL)))
bid_recovery bid_recovery_pkey: PRIMARY KEY (bid_id)
bid_recovery bid_recovery_proposed_by_fkey: FOREIGN KEY (proposed_by) REFERENCES person(id)
bid_recovery bid_recovery_put_out_by_fkey: FOREIGN KEY (put_out_by) REFERENCES person(id)
bid_recovery bid_recovery_supplier_id_fkey: FOREIGN KEY (supplier_id) REFERENCES organisation(id)
bid_recovery bid_recovery_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES opening(tender_id)
bid_recovery bid_recovery_two_people: CHECK ((((proposed_by IS NULL) = (proposed_at IS NULL)) AND ((proposed_by IS NULL) = (reason IS NULL)) AND ((put_out_by IS NULL) = (put_out_at IS NULL)) AND ((put_out_by IS NULL) OR ((proposed_by IS NOT NULL) AND (proposed_by <> put_out_by))) AND ((put_out_at IS NULL) OR ((identity IS NULL) AND (put_out_at >= until)))))
bid_withdrawal bid_withdrawal_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES bid(id)
bid_withdrawal bid_withdrawal_check: CHECK ((received_at < deadline_applied))
bid_withdrawal bid_withdrawal_pkey: PRIMARY KEY (bid_id)
bid_withdrawal bid_withdrawal_tender_id_supplier_id_fkey: FOREIGN KEY (tender_id, supplier_id) REFERENCES bidder(tender_id, supplier_id)
bid_withdrawal bid_withdrawal_withdrawn_by_fkey: FOREIGN KEY (withdrawn_by) REFERENCES person(id)
bidder bidder_pkey: PRIMARY KEY (tender_id, supplier_id)
bidder bidder_supplier_id_fkey: FOREIGN KEY (supplier_id) REFERENCES organisation(id)
bidder bidder_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
book_entry book_entry_balances: TRIGGER DEFERRABLE INITIALLY DEFERRED
book_entry book_entry_key_key: UNIQUE (key)
book_entry book_entry_pkey: PRIMARY KEY (id)
book_entry book_entry_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
book_entry book_entry_record_id_key: UNIQUE (record_id)
book_posting book_posting_amount_check: CHECK ((amount <> 0))
book_posting book_posting_balances: TRIGGER DEFERRABLE INITIALLY DEFERRED
book_posting book_posting_currency_check: CHECK ((currency ~ '^[A-Z]{3}$'::text))
book_posting book_posting_entry_fkey: FOREIGN KEY (entry) REFERENCES book_entry(id)
book_posting book_posting_pkey: PRIMARY KEY (entry, account, party, currency)
calendar_feed calendar_feed_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
calendar_feed calendar_feed_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
calendar_feed calendar_feed_pkey: PRIMARY KEY (id)
calendar_feed calendar_feed_token_sha256_check: CHECK ((length(token_sha256) = 32))
calendar_feed calendar_feed_token_sha256_key: UNIQUE (token_sha256)
card_attempt card_attempt_amount_check: CHECK ((amount > 0))
card_attempt card_attempt_charge_id_fkey: FOREIGN KEY (charge_id) REFERENCES charge(id)
card_attempt card_attempt_check: CHECK ((until > begun_at))
card_attempt card_attempt_currency_check: CHECK ((currency ~ '^[A-Z]{3}$'::text))
card_attempt card_attempt_number_check: CHECK ((number > 0))
card_attempt card_attempt_pkey: PRIMARY KEY (charge_id, number)
card_attempt card_attempt_state_check: CHECK ((state = ANY (ARRAY['opening'::text, 'open'::text, 'paid'::text, 'over'::text])))
card_attempt card_attempt_way_check: CHECK ((way = ANY (ARRAY['page'::text, 'program'::text])))
card_difference card_difference_check: CHECK (((closed_at IS NULL) = (closed_by IS NULL)))
card_difference card_difference_closed_by_fkey: FOREIGN KEY (closed_by) REFERENCES person(id)
card_difference card_difference_currency_check: CHECK ((currency ~ '^[A-Z]{3}$'::text))
card_difference card_difference_kind_check: CHECK ((kind = ANY (ARRAY['missing-here'::text, 'missing-there'::text, 'other-amount'::text, 'not-ours'::text, 'refused'::text])))
card_difference card_difference_object_check: CHECK ((object <> ''::text))
card_difference card_difference_pkey: PRIMARY KEY (kind, object)
card_event card_event_pkey: PRIMARY KEY (id)
card_reconciliation card_reconciliation_check: CHECK ((until > since))
card_reconciliation card_reconciliation_compared_check: CHECK ((compared >= 0))
card_reconciliation card_reconciliation_differences_check: CHECK ((differences >= 0))
card_reconciliation card_reconciliation_pkey: PRIMARY KEY (id)
card_work card_work_attempts_check: CHECK ((attempts >= 0))
card_work card_work_kind_check: CHECK ((kind <> ''::text))
card_work card_work_object_check: CHECK ((object <> ''::text))
card_work card_work_pkey: PRIMARY KEY (kind, object)
charge charge_amount_check: CHECK ((amount > 0))
charge charge_check: CHECK ((paid >= ((((promised + keeping) + returned) + kept) + disputed)))
charge charge_currency_check: CHECK ((currency ~ '^[A-Z]{3}$'::text))
charge charge_disputed_check: CHECK ((disputed >= 0))
charge charge_keeping_check: CHECK ((keeping >= 0))
charge charge_kept_check: CHECK ((kept >= 0))
charge charge_paid_check: CHECK ((paid >= 0))
charge charge_payee_fkey: FOREIGN KEY (payee) REFERENCES organisation(id)
charge charge_payer_fkey: FOREIGN KEY (payer) REFERENCES organisation(id)
charge charge_pkey: PRIMARY KEY (id)
charge charge_promised_check: CHECK ((promised >= 0))
charge charge_purpose_check: CHECK ((purpose = ANY (ARRAY['deposit'::text, 'challenge-fee'::text, 'order'::text])))
charge charge_purpose_subject_payer_key: UNIQUE (purpose, subject, payer)
charge charge_reference_check: CHECK ((reference ~ '^RF[0-9]{2}[0-9A-Z]{1,21}$'::text))
charge charge_reference_key: UNIQUE (reference)
charge charge_returned_check: CHECK ((returned >= 0))
charge charge_subject_check: CHECK ((subject <> ''::text))
charge charge_title_check: CHECK ((title <> ''::text))
classification classification_beginning_check: CHECK ((beginning <> ''::text))
classification classification_code_check: CHECK ((code <> ''::text))
classification classification_label_check: CHECK ((label <> ''::text))
classification classification_pkey: PRIMARY KEY (scheme, language, code)
classification classification_scheme_check: CHECK ((scheme <> ''::text))
clock_watermark clock_watermark_pkey: PRIMARY KEY (singleton)
clock_watermark clock_watermark_singleton_check: CHECK (singleton)
compliance compliance_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES bid(id)
compliance compliance_decided_by_fkey: FOREIGN KEY (decided_by) REFERENCES person(id)
compliance compliance_pkey: PRIMARY KEY (tender_id, bid_id)
compliance compliance_reason_check: CHECK ((reason <> ''::text))
compliance compliance_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES evaluation(tender_id)
consensus consensus_agreed_by_fkey: FOREIGN KEY (agreed_by) REFERENCES person(id)
consensus consensus_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES bid(id)
consensus consensus_criterion_id_fkey: FOREIGN KEY (criterion_id) REFERENCES criterion(id)
consensus consensus_pkey: PRIMARY KEY (tender_id, bid_id, criterion_id)
consensus consensus_reason_check: CHECK ((reason <> ''::text))
consensus consensus_score_check: CHECK (((score >= 0) AND (score <= 10)))
consensus consensus_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES evaluation(tender_id)
contract contract_award_id_fkey: FOREIGN KEY (award_id) REFERENCES award(id)
contract contract_award_id_key: UNIQUE (award_id)
contract contract_buyer_id_fkey: FOREIGN KEY (buyer_id) REFERENCES organisation(id)
contract contract_buyer_signer_fkey: FOREIGN KEY (buyer_signer) REFERENCES person(id)
contract contract_check: CHECK ((ends_on >= starts_on))
contract contract_check1: CHECK ((buyer_signer <> drafted_by))
contract contract_check2: CHECK ((supplier_signer <> buyer_signer))
contract contract_check3: CHECK (((buyer_signer IS NULL) = (buyer_signed_at IS NULL)))
contract contract_check4: CHECK (((supplier_signer IS NULL) = (supplier_signed_at IS NULL)))
contract contract_document_sha256_check: CHECK ((document_sha256 ~ '^[0-9a-f]{64}$'::text))
contract contract_document_size_check: CHECK ((document_size > 0))
contract contract_drafted_by_fkey: FOREIGN KEY (drafted_by) REFERENCES person(id)
contract contract_pkey: PRIMARY KEY (id)
contract contract_supplier_id_fkey: FOREIGN KEY (supplier_id) REFERENCES organisation(id)
contract contract_supplier_signer_fkey: FOREIGN KEY (supplier_signer) REFERENCES person(id)
contract contract_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
contract contract_value_amount_check: CHECK ((value_amount >= 0))
contract contract_value_currency_check: CHECK ((value_currency ~ '^[A-Z]{3}$'::text))
criterion criterion_kind_check: CHECK ((kind = ANY (ARRAY['price'::text, 'quality'::text, 'pass-fail'::text])))
criterion criterion_lot_id_tender_id_fkey: FOREIGN KEY (lot_id, tender_id) REFERENCES lot(id, tender_id)
criterion criterion_number_check: CHECK ((number > 0))
criterion criterion_pkey: PRIMARY KEY (id)
criterion criterion_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
criterion criterion_weight_check: CHECK (((weight >= (0)::numeric) AND (weight <= (100)::numeric)))
delegation delegation_check: CHECK ((giver <> deputy))
delegation delegation_check1: CHECK ((ends_at > starts_at))
delegation delegation_deputy_fkey: FOREIGN KEY (deputy) REFERENCES person(id)
delegation delegation_ended_by_fkey: FOREIGN KEY (ended_by) REFERENCES person(id)
delegation delegation_giver_fkey: FOREIGN KEY (giver) REFERENCES person(id)
delegation delegation_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
delegation delegation_pkey: PRIMARY KEY (id)
demo_secret demo_secret_person_id_fkey: FOREIGN KEY (person_id) REFERENCES person(id)
demo_secret demo_secret_pkey: PRIMARY KEY (person_id)
derivation derivation_pkey: PRIMARY KEY (name)
dispute dispute_amount_check: CHECK ((amount > 0))
dispute dispute_check: CHECK (((covered >= 0) AND (covered <= amount)))
dispute dispute_check1: CHECK (((closed_at IS NULL) = (won IS NULL)))
dispute dispute_currency_check: CHECK ((currency ~ '^[A-Z]{3}$'::text))
dispute dispute_external_check: CHECK ((external <> ''::text))
dispute dispute_external_key: UNIQUE (external)
dispute dispute_payment_id_fkey: FOREIGN KEY (payment_id) REFERENCES payment(id)
dispute dispute_pkey: PRIMARY KEY (id)
document_scan document_scan_bid_id_number_fkey: FOREIGN KEY (bid_id, number) REFERENCES opened_document(bid_id, number)
document_scan document_scan_check: CHECK (((verdict = 'found'::text) = (found <> ''::text)))
document_scan document_scan_pkey: PRIMARY KEY (bid_id, number)
document_scan document_scan_verdict_check: CHECK ((verdict = ANY (ARRAY['clean'::text, 'found'::text, 'too-large'::text, 'gone'::text, 'unanswered'::text, 'no-scanner'::text])))
draft_warning draft_warning_hours_check: CHECK ((hours > 0))
draft_warning draft_warning_message_fkey: FOREIGN KEY (message) REFERENCES inbox_message(id)
draft_warning draft_warning_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
draft_warning draft_warning_pkey: PRIMARY KEY (tender, organisation, deadline, hours)
draft_warning draft_warning_tender_fkey: FOREIGN KEY (tender) REFERENCES tender(id)
erased_file erased_file_pkey: PRIMARY KEY (kind, sha256, owner)
erased_file erased_file_sha256_check: CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
evaluation evaluation_check: CHECK (((concluded_at IS NULL) = (ranking IS NULL)))
evaluation evaluation_check1: CHECK (((concluded_at IS NULL) = (concluded_by IS NULL)))
evaluation evaluation_concluded_by_fkey: FOREIGN KEY (concluded_by) REFERENCES person(id)
evaluation evaluation_pkey: PRIMARY KEY (tender_id)
evaluation evaluation_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
evaluator evaluator_appointed_by_fkey: FOREIGN KEY (appointed_by) REFERENCES person(id)
evaluator evaluator_check: CHECK (((declared_at IS NOT NULL) OR ((NOT conflict) AND (locked_at IS NULL))))
evaluator evaluator_check1: CHECK (((locked_at IS NULL) = (sheet_sha256 = ''::text)))
evaluator evaluator_person_id_fkey: FOREIGN KEY (person_id) REFERENCES person(id)
evaluator evaluator_pkey: PRIMARY KEY (tender_id, person_id)
evaluator evaluator_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES evaluation(tender_id)
feedback feedback_about_check: CHECK ((about = ANY (ARRAY['barrier'::text, 'mistake'::text, 'unclear'::text])))
feedback feedback_answered_by_fkey: FOREIGN KEY (answered_by) REFERENCES person(id)
feedback feedback_check: CHECK (((answered_by IS NULL) = (answered_at IS NULL)))
feedback feedback_check1: CHECK (((answered_at IS NULL) = (answer = ''::text)))
feedback feedback_pkey: PRIMARY KEY (id)
feedback feedback_text_check: CHECK ((text <> ''::text))
financial_opening financial_opening_check: CHECK ((confirmed_by <> requested_by))
financial_opening financial_opening_check1: CHECK (((requested_by IS NULL) = (requested_at IS NULL)))
financial_opening financial_opening_check2: CHECK (((confirmed_by IS NULL) = (confirmed_at IS NULL)))
financial_opening financial_opening_check3: CHECK (((confirmed_at IS NULL) OR (requested_at IS NOT NULL)))
financial_opening financial_opening_check4: CHECK (((released_at IS NULL) OR (confirmed_at IS NOT NULL)))
financial_opening financial_opening_check5: CHECK (((shown_at IS NULL) OR (released_at IS NOT NULL)))
financial_opening financial_opening_check6: CHECK (((shown_at IS NULL) = (record IS NULL)))
financial_opening financial_opening_confirmed_by_fkey: FOREIGN KEY (confirmed_by) REFERENCES person(id)
financial_opening financial_opening_passed_check: CHECK ((jsonb_typeof(passed) = 'array'::text))
financial_opening financial_opening_pkey: PRIMARY KEY (tender_id)
financial_opening financial_opening_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
financial_opening financial_opening_record_id_key: UNIQUE (record_id)
financial_opening financial_opening_requested_by_fkey: FOREIGN KEY (requested_by) REFERENCES person(id)
financial_opening financial_opening_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES opening(tender_id)
follow follow_kind_check: CHECK ((kind = ANY (ARRAY['tender'::text, 'buyer'::text, 'search'::text])))
follow follow_often_check: CHECK ((often = ANY (ARRAY['at-once'::text, 'daily'::text, 'weekly'::text, 'off'::text])))
follow follow_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
follow follow_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
follow follow_person_kind_target_key: UNIQUE (person, kind, target)
follow follow_pkey: PRIMARY KEY (id)
follow follow_target_check: CHECK (((target <> ''::text) AND (length(target) <= 1000)))
forfeiture forfeiture_amount_check: CHECK ((amount > 0))
forfeiture forfeiture_approved_by_fkey: FOREIGN KEY (approved_by) REFERENCES person(id)
forfeiture forfeiture_asked_by_fkey: FOREIGN KEY (asked_by) REFERENCES person(id)
forfeiture forfeiture_basis_check: CHECK ((basis <> ''::text))
forfeiture forfeiture_charge_id_fkey: FOREIGN KEY (charge_id) REFERENCES charge(id)
forfeiture forfeiture_check: CHECK ((approved_by <> asked_by))
forfeiture forfeiture_check1: CHECK (((approved_at IS NULL) = (approved_by IS NULL)))
forfeiture forfeiture_check2: CHECK (((refused_at IS NULL) OR (approved_at IS NULL)))
forfeiture forfeiture_check3: CHECK (((refused_at IS NULL) = (refusal = ''::text)))
forfeiture forfeiture_currency_check: CHECK ((currency ~ '^[A-Z]{3}$'::text))
forfeiture forfeiture_pkey: PRIMARY KEY (id)
forfeiture forfeiture_reason_check: CHECK ((reason <> ''::text))
forfeiture forfeiture_refused_by_fkey: FOREIGN KEY (refused_by) REFERENCES person(id)
former_name former_name_name_check: CHECK ((name <> ''::text))
former_name former_name_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
former_name former_name_pkey: PRIMARY KEY (organisation, until)
holder_challenge holder_challenge_answer_check: CHECK ((answer ~ '^[0-9a-f]{64}$'::text))
holder_challenge holder_challenge_check: CHECK ((answered_at >= asked_at))
holder_challenge holder_challenge_holder_id_fkey: FOREIGN KEY (holder_id) REFERENCES key_holder(id)
holder_challenge holder_challenge_pkey: PRIMARY KEY (id)
idempotency idempotency_key_check: CHECK (((length(key) >= 1) AND (length(key) <= 200)))
idempotency idempotency_pkey: PRIMARY KEY (actor, key)
imported_release imported_release_digest_check: CHECK ((length(digest) = 32))
imported_release imported_release_ocid_check: CHECK ((ocid <> ''::text))
imported_release imported_release_pkey: PRIMARY KEY (id)
imported_release imported_release_release_id_check: CHECK ((release_id <> ''::text))
imported_release imported_release_source_check: CHECK ((source <> ''::text))
imported_release imported_release_source_ocid_release_id_digest_key: UNIQUE (source, ocid, release_id, digest)
inbox_message inbox_message_check: CHECK (((record_id IS NULL) = (delivery_record_id IS NULL)))
inbox_message inbox_message_delivery_record_id_fkey: FOREIGN KEY (delivery_record_id) REFERENCES ledger_record(id)
inbox_message inbox_message_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
inbox_message inbox_message_pkey: PRIMARY KEY (id)
inbox_message inbox_message_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
inbox_message inbox_message_record_id_organisation_kind_key: UNIQUE (record_id, organisation, kind)
inbox_message inbox_message_sender_fkey: FOREIGN KEY (sender) REFERENCES organisation(id)
inbox_message inbox_message_tender_fkey: FOREIGN KEY (tender) REFERENCES tender(id)
inbox_reading inbox_reading_message_fkey: FOREIGN KEY (message) REFERENCES inbox_message(id)
inbox_reading inbox_reading_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
inbox_reading inbox_reading_pkey: PRIMARY KEY (message)
inbox_reading inbox_reading_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
incident incident_check: CHECK ((ended_at >= began_at))
incident incident_pkey: PRIMARY KEY (id)
incident incident_title_check: CHECK ((title <> ''::text))
incident_note incident_note_incident_fkey: FOREIGN KEY (incident) REFERENCES incident(id)
incident_note incident_note_pkey: PRIMARY KEY (id)
incident_note incident_note_text_check: CHECK ((text <> ''::text))
installation installation_origin_check: CHECK ((origin <> ''::text))
installation installation_pkey: PRIMARY KEY (singleton)
installation installation_singleton_check: CHECK (singleton)
invitation invitation_email_check: CHECK ((email = lower(email)))
invitation invitation_invited_by_fkey: FOREIGN KEY (invited_by) REFERENCES person(id)
invitation invitation_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
invitation invitation_pkey: PRIMARY KEY (id)
invitation invitation_token_sha256_key: UNIQUE (token_sha256)
item item_lot_id_tender_id_fkey: FOREIGN KEY (lot_id, tender_id) REFERENCES lot(id, tender_id)
item item_number_check: CHECK ((number > 0))
item item_pkey: PRIMARY KEY (id)
item item_quantity_check: CHECK ((quantity > (0)::numeric))
item item_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
kept_person kept_person_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
kept_person kept_person_pkey: PRIMARY KEY (reason)
key_holder key_holder_age_check: CHECK ((age ~ '^age1[a-z0-9]{58}$'::text))
key_holder key_holder_age_key: UNIQUE (age)
key_holder key_holder_check: CHECK ((confirmed_by <> person_id))
key_holder key_holder_check1: CHECK (((confirmed_by IS NULL) = (confirmed_at IS NULL)))
key_holder key_holder_check2: CHECK (((confirmed_at IS NULL) OR (proved_at IS NOT NULL)))
key_holder key_holder_check3: CHECK (((ended_at IS NULL) = (reason = ''::text)))
key_holder key_holder_confirmed_by_fkey: FOREIGN KEY (confirmed_by) REFERENCES person(id)
key_holder key_holder_ended_by_fkey: FOREIGN KEY (ended_by) REFERENCES person(id)
key_holder key_holder_fingerprint_check: CHECK ((fingerprint ~ '^[0-9a-f]{64}$'::text))
key_holder key_holder_fingerprint_key: UNIQUE (fingerprint)
key_holder key_holder_id_check: CHECK ((id ~ '^[a-z2-7]{16}$'::text))
key_holder key_holder_office_check: CHECK ((office <> ''::text))
key_holder key_holder_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
key_holder key_holder_person_id_fkey: FOREIGN KEY (person_id) REFERENCES person(id)
key_holder key_holder_pkey: PRIMARY KEY (id)
key_holder key_holder_sign_check: CHECK ((sign ~ '^[A-Za-z0-9+/]{43}=$'::text))
key_holder key_holder_sign_key: UNIQUE (sign)
keyholder_mark keyholder_mark_check: CHECK ((confirmed_at >= restored_at))
keyholder_mark keyholder_mark_id_check: CHECK ((id = 1))
keyholder_mark keyholder_mark_mark_check: CHECK ((mark ~ '^([0-9a-f]{64})?$'::text))
keyholder_mark keyholder_mark_number_check: CHECK ((number >= 0))
keyholder_mark keyholder_mark_pkey: PRIMARY KEY (id)
known_browser known_browser_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
known_browser known_browser_pkey: PRIMARY KEY (person, browser_sha256)
ledger_checkpoint ledger_checkpoint_pkey: PRIMARY KEY (size)
ledger_checkpoint ledger_checkpoint_root_check: CHECK ((length(root) = 32))
ledger_checkpoint ledger_checkpoint_size_check: CHECK ((size > 0))
ledger_cosignature ledger_cosignature_line_check: CHECK ((line <> ''::text))
ledger_cosignature ledger_cosignature_pkey: PRIMARY KEY (witness, size)
ledger_cosignature ledger_cosignature_size_fkey: FOREIGN KEY (size) REFERENCES ledger_checkpoint(size)
ledger_cosignature ledger_cosignature_witness_check: CHECK ((witness <> ''::text))
ledger_disclosure ledger_disclosure_by_fkey: FOREIGN KEY (by) REFERENCES ledger_record(id)
ledger_disclosure ledger_disclosure_pkey: PRIMARY KEY (record_id)
ledger_disclosure ledger_disclosure_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
ledger_leaf ledger_leaf_entry_hidden_or_open: CHECK (((length(entry) = 32) OR ((length(entry) = 33) AND (get_byte(entry, 0) = 1))))
ledger_leaf ledger_leaf_leaf_index_check: CHECK ((leaf_index >= 0))
ledger_leaf ledger_leaf_pkey: PRIMARY KEY (leaf_index)
ledger_leaf ledger_leaf_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
ledger_leaf ledger_leaf_record_id_key: UNIQUE (record_id)
ledger_origin ledger_origin_check: CHECK ((previous <> origin))
ledger_origin ledger_origin_origin_check: CHECK ((origin ~ '^[A-Za-z0-9_./:-]+$'::text))
ledger_origin ledger_origin_origin_key: UNIQUE (origin)
ledger_origin ledger_origin_pkey: PRIMARY KEY (id)
ledger_origin ledger_origin_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
ledger_origin ledger_origin_record_id_key: UNIQUE (record_id)
ledger_pending ledger_pending_pkey: PRIMARY KEY (record_id)
ledger_pending ledger_pending_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
ledger_record ledger_record_pkey: PRIMARY KEY (id)
ledger_record ledger_record_salt_check: CHECK ((length(salt) = 32))
ledger_record ledger_record_visible_check: CHECK ((visible = ANY (ARRAY['at-once'::text, 'at-opening'::text, 'at-award'::text, 'parties'::text, 'never'::text])))
ledger_tile ledger_tile_hashes_check: CHECK ((((length(hashes) % 32) = 0) AND (length(hashes) <= 8192)))
ledger_tile ledger_tile_pkey: PRIMARY KEY (level, tile_index)
ledger_timestamp ledger_timestamp_pkey: PRIMARY KEY (size)
ledger_timestamp ledger_timestamp_reply_check: CHECK ((length(reply) > 0))
ledger_timestamp ledger_timestamp_size_fkey: FOREIGN KEY (size) REFERENCES ledger_checkpoint(size)
legal_hold legal_hold_about_check: CHECK ((about = ANY (ARRAY['process'::text, 'organisation'::text, 'person'::text])))
legal_hold legal_hold_check: CHECK (((lift_asked_by IS NULL) OR (lift_reason <> ''::text)))
legal_hold legal_hold_check1: CHECK (((lift_asked_by IS NULL) = (lift_asked_at IS NULL)))
legal_hold legal_hold_check2: CHECK (((lifted_by IS NULL) = (lifted_at IS NULL)))
legal_hold legal_hold_check3: CHECK (((lifted_by IS NULL) OR (lifted_by <> lift_asked_by)))
legal_hold legal_hold_lift_asked_by_fkey: FOREIGN KEY (lift_asked_by) REFERENCES person(id)
legal_hold legal_hold_lifted_by_fkey: FOREIGN KEY (lifted_by) REFERENCES person(id)
legal_hold legal_hold_pkey: PRIMARY KEY (id)
legal_hold legal_hold_placed_by_fkey: FOREIGN KEY (placed_by) REFERENCES person(id)
legal_hold legal_hold_reason_check: CHECK ((reason <> ''::text))
legal_hold legal_hold_subject_check: CHECK ((subject <> ''::text))
lost_part lost_part_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES bid(id)
lost_part lost_part_check: CHECK ((deposited_at >= found_at))
lost_part lost_part_pkey: PRIMARY KEY (bid_id, sha256)
lost_part lost_part_sha256_check: CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
lost_part lost_part_size_check: CHECK ((size > 0))
lot lot_id_tender_id_key: UNIQUE (id, tender_id)
lot lot_number_check: CHECK ((number > 0))
lot lot_pkey: PRIMARY KEY (id)
lot lot_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
lot lot_tender_id_number_key: UNIQUE (tender_id, number)
lot lot_value_amount_check: CHECK ((value_amount >= 0))
low_price low_price_answered_by_fkey: FOREIGN KEY (answered_by) REFERENCES person(id)
low_price low_price_asked_by_fkey: FOREIGN KEY (asked_by) REFERENCES person(id)
low_price low_price_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES bid(id)
low_price low_price_check: CHECK (((accepted IS NULL) = (decided_at IS NULL)))
low_price low_price_decided_by_fkey: FOREIGN KEY (decided_by) REFERENCES person(id)
low_price low_price_pkey: PRIMARY KEY (tender_id, bid_id, lot)
low_price low_price_question_check: CHECK ((question <> ''::text))
low_price low_price_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES evaluation(tender_id)
mail_bounce mail_bounce_address_sha256_check: CHECK ((length(address_sha256) = 32))
mail_bounce mail_bounce_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
mail_bounce mail_bounce_pkey: PRIMARY KEY (id)
mail_copy mail_copy_check: CHECK (((kind = 'message'::text) = (message IS NOT NULL)))
mail_copy mail_copy_kind_check: CHECK ((kind = ANY (ARRAY['message'::text, 'news'::text, 'digest'::text, 'confirm'::text])))
mail_copy mail_copy_message_fkey: FOREIGN KEY (message) REFERENCES inbox_message(id)
mail_copy mail_copy_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
mail_copy mail_copy_pkey: PRIMARY KEY (id)
membership membership_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
membership membership_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
membership membership_pkey: PRIMARY KEY (id)
motion motion_check: CHECK (((kind = 'merge'::text) = (successor IS NOT NULL)))
motion motion_check1: CHECK (((decided_at IS NULL) = (carried IS NULL)))
motion motion_decided_by_fkey: FOREIGN KEY (decided_by) REFERENCES person(id)
motion motion_email_check: CHECK ((email = lower(email)))
motion motion_kind_check: CHECK ((kind = ANY (ARRAY['owner'::text, 'merge'::text])))
motion motion_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
motion motion_pkey: PRIMARY KEY (id)
motion motion_proposed_by_fkey: FOREIGN KEY (proposed_by) REFERENCES person(id)
motion motion_successor_fkey: FOREIGN KEY (successor) REFERENCES organisation(id)
news news_follow_fkey: FOREIGN KEY (follow) REFERENCES follow(id) ON DELETE CASCADE
news news_mail_fkey: FOREIGN KEY (mail) REFERENCES mail_copy(id)
news news_often_check: CHECK ((often = ANY (ARRAY['at-once'::text, 'daily'::text, 'weekly'::text, 'off'::text])))
news news_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
news news_pkey: PRIMARY KEY (id)
news news_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
news news_record_id_person_key: UNIQUE (record_id, person)
news news_tender_fkey: FOREIGN KEY (tender) REFERENCES tender(id)
notice notice_check: CHECK (((amount IS NULL) = (currency IS NULL)))
notice notice_check1: CHECK (((award_amount IS NULL) = (award_currency IS NULL)))
notice notice_kind_check: CHECK ((kind = ANY (ARRAY[''::text, 'goods'::text, 'works'::text, 'services'::text])))
notice notice_outcome_check: CHECK ((outcome = ANY (ARRAY[''::text, 'planned'::text, 'closed'::text, 'awarded'::text, 'cancelled'::text, 'unsuccessful'::text])))
notice notice_pkey: PRIMARY KEY (id)
opened_bid opened_bid_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES bid(id)
opened_bid opened_bid_one_outcome: CHECK (((prices IS NULL) OR (problem_code = ''::text)))
opened_bid opened_bid_pkey: PRIMARY KEY (bid_id)
opened_bid opened_bid_supplier_id_fkey: FOREIGN KEY (supplier_id) REFERENCES organisation(id)
opened_bid opened_bid_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES opening(tender_id)
opened_document opened_document_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES opened_bid(bid_id)
opened_document opened_document_number_check: CHECK ((number > 0))
opened_document opened_document_pkey: PRIMARY KEY (bid_id, number)
opened_document opened_document_sha256_check: CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
opened_document opened_document_size_check: CHECK ((size >= 0))
opened_price opened_price_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES opened_bid(bid_id)
opened_price opened_price_check: CHECK (((prices IS NULL) = (problem_code <> ''::text)))
opened_price opened_price_pkey: PRIMARY KEY (bid_id, lot)
opened_price opened_price_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES financial_opening(tender_id)
opening opening_check: CHECK ((confirmed_by <> requested_by))
opening opening_check1: CHECK (((confirmed_by IS NULL) = (confirmed_at IS NULL)))
opening opening_check2: CHECK (((released_at IS NULL) OR (confirmed_at IS NOT NULL)))
opening opening_check3: CHECK (((shown_at IS NULL) OR (released_at IS NOT NULL)))
opening opening_check4: CHECK (((shown_at IS NULL) = (record IS NULL)))
opening opening_confirmed_by_fkey: FOREIGN KEY (confirmed_by) REFERENCES person(id)
opening opening_leaf_check: CHECK ((leaf ~ '^[0-9a-f]{64}$'::text))
opening opening_pkey: PRIMARY KEY (tender_id)
opening opening_requested_by_fkey: FOREIGN KEY (requested_by) REFERENCES person(id)
opening opening_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
opening_paper opening_paper_check: CHECK ((((sha256 IS NULL) = (written_at IS NULL)) AND ((sha256 IS NULL) = (size IS NULL))))
opening_paper opening_paper_pkey: PRIMARY KEY (tender_id)
opening_paper opening_paper_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
opening_paper opening_paper_record_id_key: UNIQUE (record_id)
opening_paper opening_paper_sha256_check: CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
opening_paper opening_paper_size_check: CHECK ((size > 0))
opening_paper opening_paper_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES opening(tender_id)
organisation organisation_country_check: CHECK ((country ~ '^[A-Z]{2}$'::text))
organisation organisation_kind_known: CHECK ((kind = ANY (ARRAY['buyer'::text, 'supplier'::text, 'oversight'::text, 'treasury'::text])))
organisation organisation_merged_into_fkey: FOREIGN KEY (merged_into) REFERENCES organisation(id)
organisation organisation_name_check: CHECK ((name <> ''::text))
organisation organisation_pkey: PRIMARY KEY (id)
outage outage_check: CHECK ((ended_at >= began_at))
outage outage_pkey: PRIMARY KEY (id)
outage_proposal outage_proposal_check: CHECK ((later > deadline))
outage_proposal outage_proposal_check1: CHECK ((((taken IS NULL) = (decided_at IS NULL)) AND ((decided_by IS NULL) = (decided_at IS NULL))))
outage_proposal outage_proposal_decided_by_fkey: FOREIGN KEY (decided_by) REFERENCES person(id)
outage_proposal outage_proposal_minutes_check: CHECK ((minutes > 0))
outage_proposal outage_proposal_pkey: PRIMARY KEY (tender_id, deadline, proposed_at)
outage_proposal outage_proposal_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
outage_proposal outage_proposal_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
outbox outbox_pkey: PRIMARY KEY (id)
outbox outbox_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
page_version page_version_pkey: PRIMARY KEY (topic)
passkey passkey_credential_id_key: UNIQUE (credential_id)
passkey passkey_label_check: CHECK ((label <> ''::text))
passkey passkey_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
passkey passkey_pkey: PRIMARY KEY (id)
passkey passkey_sign_count_check: CHECK ((sign_count >= 0))
passkey_challenge passkey_challenge_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
passkey_challenge passkey_challenge_pkey: PRIMARY KEY (challenge_sha256)
passkey_challenge passkey_challenge_purpose_check: CHECK ((purpose = ANY (ARRAY['enrol'::text, 'sign-in'::text, 'step-up'::text])))
payment payment_amount_check: CHECK ((amount > 0))
payment payment_channel_check: CHECK ((channel = ANY (ARRAY['card'::text, 'transfer'::text])))
payment payment_channel_external_key: UNIQUE (channel, external)
payment payment_charge_id_fkey: FOREIGN KEY (charge_id) REFERENCES charge(id)
payment payment_check: CHECK ((amount >= (claimed + returned)))
payment payment_claimed_check: CHECK ((claimed >= 0))
payment payment_currency_check: CHECK ((currency ~ '^[A-Z]{3}$'::text))
payment payment_external_check: CHECK ((external <> ''::text))
payment payment_matched_by_fkey: FOREIGN KEY (matched_by) REFERENCES person(id)
payment payment_pkey: PRIMARY KEY (id)
payment payment_returned_check: CHECK ((returned >= 0))
person person_email_check: CHECK ((email = lower(email)))
person person_email_key: UNIQUE (email)
person person_pkey: PRIMARY KEY (id)
personal_export personal_export_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
personal_export personal_export_pkey: PRIMARY KEY (id)
price_recovery price_recovery_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES bid(id)
price_recovery price_recovery_check: CHECK ((until > asked_at))
price_recovery price_recovery_check1: CHECK (((identity IS NULL) OR (given_at IS NOT NULL)))
price_recovery price_recovery_check2: CHECK ((((proposed_by IS NULL) = (proposed_at IS NULL)) AND ((proposed_by IS NULL) = (reason IS NULL))))
price_recovery price_recovery_check3: CHECK (((put_out_by IS NULL) = (put_out_at IS NULL)))
price_recovery price_recovery_check4: CHECK (((put_out_by IS NULL) OR ((proposed_by IS NOT NULL) AND (proposed_by <> put_out_by))))
price_recovery price_recovery_check5: CHECK (((put_out_at IS NULL) OR ((identity IS NULL) AND (put_out_at >= until))))
price_recovery price_recovery_pkey: PRIMARY KEY (bid_id, lot)
price_recovery price_recovery_proposed_by_fkey: FOREIGN KEY (proposed_by) REFERENCES person(id)
price_recovery price_recovery_put_out_by_fkey: FOREIGN KEY (put_out_by) REFERENCES person(id)
price_recovery price_recovery_supplier_id_fkey: FOREIGN KEY (supplier_id) REFERENCES organisation(id)
price_recovery price_recovery_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES opening(tender_id)
price_share price_share_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES bid(id)
price_share price_share_check: CHECK (((NOT unreadable) OR (given IS NULL)))
price_share price_share_member_check: CHECK ((member <> ''::text))
price_share price_share_pkey: PRIMARY KEY (bid_id, lot, place)
price_share price_share_place_check: CHECK (((place >= 1) AND (place <= 15)))
price_share price_share_sha256_check: CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
price_share price_share_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES opening(tender_id)
price_shares_given price_shares_given_member_check: CHECK ((member <> ''::text))
price_shares_given price_shares_given_pkey: PRIMARY KEY (tender_id, member)
price_shares_given price_shares_given_shares_check: CHECK ((shares >= 0))
price_shares_given price_shares_given_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES opening(tender_id)
provider_account provider_account_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
provider_account provider_account_pkey: PRIMARY KEY (issuer, subject)
provider_arrival provider_arrival_email_check: CHECK ((email = lower(email)))
provider_arrival provider_arrival_pkey: PRIMARY KEY (token_sha256)
provider_visit provider_visit_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
provider_visit provider_visit_pkey: PRIMARY KEY (state_sha256)
public_award public_award_check: CHECK (((amount IS NULL) = (currency IS NULL)))
public_award public_award_check1: CHECK (((estimate IS NULL) OR (currency IS NOT NULL)))
public_award public_award_kind_check: CHECK ((kind = ANY (ARRAY[''::text, 'goods'::text, 'works'::text, 'services'::text])))
public_award public_award_pkey: PRIMARY KEY (id)
public_award public_award_status_check: CHECK ((status = ANY (ARRAY['pending'::text, 'active'::text])))
public_organisation public_organisation_pkey: PRIMARY KEY (id)
public_organisation public_organisation_roles_check: CHECK ((roles <@ ARRAY['buyer'::text, 'supplier'::text]))
question question_asked_by_fkey: FOREIGN KEY (asked_by) REFERENCES person(id)
question question_number_check: CHECK ((number > 0))
question question_pkey: PRIMARY KEY (id)
question question_supplier_id_fkey: FOREIGN KEY (supplier_id) REFERENCES organisation(id)
question question_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
question question_tender_id_number_key: UNIQUE (tender_id, number)
question question_text_check: CHECK ((text <> ''::text))
receipt receipt_amount_check: CHECK ((amount > 0))
receipt receipt_charge_id_fkey: FOREIGN KEY (charge_id) REFERENCES charge(id)
receipt receipt_currency_check: CHECK ((currency ~ '^[A-Z]{3}$'::text))
receipt receipt_document_sha256_check: CHECK ((document_sha256 ~ '^[0-9a-f]{64}$'::text))
receipt receipt_document_size_check: CHECK ((document_size > 0))
receipt receipt_kind_check: CHECK ((kind = ANY (ARRAY['payment'::text, 'refund'::text])))
receipt receipt_kind_subject_key: UNIQUE (kind, subject)
receipt receipt_number_check: CHECK ((number > 0))
receipt receipt_payer_fkey: FOREIGN KEY (payer) REFERENCES organisation(id)
receipt receipt_pkey: PRIMARY KEY (id)
receipt receipt_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
receipt receipt_year_number_key: UNIQUE (year, number)
receipt_due receipt_due_charge_id_fkey: FOREIGN KEY (charge_id) REFERENCES charge(id)
receipt_due receipt_due_kind_check: CHECK ((kind = ANY (ARRAY['payment'::text, 'refund'::text])))
receipt_due receipt_due_pkey: PRIMARY KEY (kind, subject)
receipt_due receipt_due_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
receipt_number receipt_number_last_check: CHECK ((last > 0))
receipt_number receipt_number_pkey: PRIMARY KEY (year)
receipt_number receipt_number_year_check: CHECK (((year >= 2000) AND (year <= 9999)))
recovery recovery_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
recovery recovery_pkey: PRIMARY KEY (token_sha256)
recovery_code recovery_code_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
recovery_code recovery_code_pkey: PRIMARY KEY (person, code_sha256)
refund refund_amount_check: CHECK ((amount > 0))
refund refund_approved_by_fkey: FOREIGN KEY (approved_by) REFERENCES person(id)
refund refund_asked_by_fkey: FOREIGN KEY (asked_by) REFERENCES person(id)
refund refund_basis_check: CHECK ((basis <> ''::text))
refund refund_charge_id_fkey: FOREIGN KEY (charge_id) REFERENCES charge(id)
refund refund_check: CHECK (((approved_at IS NULL) OR (num_nonnulls(asked_by, confirmed_by, approved_by) >= people)))
refund refund_check1: CHECK ((approved_by <> asked_by))
refund refund_check2: CHECK ((approved_by <> confirmed_by))
refund refund_check3: CHECK (((refused_at IS NULL) OR (approved_at IS NULL)))
refund refund_check4: CHECK (((refused_at IS NULL) = (refusal = ''::text)))
refund refund_check5: CHECK (((approved_at IS NOT NULL) OR (num_nonnulls(sending_at, sent_at, failed_at) = 0)))
refund refund_confirmed_by_fkey: FOREIGN KEY (confirmed_by) REFERENCES person(id)
refund refund_currency_check: CHECK ((currency ~ '^[A-Z]{3}$'::text))
refund refund_payment_id_fkey: FOREIGN KEY (payment_id) REFERENCES payment(id)
refund refund_people_check: CHECK (((people >= 0) AND (people <= 2)))
refund refund_pkey: PRIMARY KEY (id)
refund refund_reason_check: CHECK ((reason <> ''::text))
refund refund_refused_by_fkey: FOREIGN KEY (refused_by) REFERENCES person(id)
refund_account refund_account_holder_check: CHECK ((holder <> ''::text))
refund_account refund_account_iban_check: CHECK ((iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}$'::text))
refund_account refund_account_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
refund_account refund_account_pkey: PRIMARY KEY (organisation)
refund_account refund_account_set_by_fkey: FOREIGN KEY (set_by) REFERENCES person(id)
registration registration_email_check: CHECK ((email = lower(email)))
registration registration_pkey: PRIMARY KEY (id)
registration registration_token_sha256_key: UNIQUE (token_sha256)
release release_pkey: PRIMARY KEY (id)
release release_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
release release_record_id_key: UNIQUE (record_id)
released_share released_share_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES bid(id)
released_share released_share_check: CHECK (((NOT unreadable) OR (given IS NULL)))
released_share released_share_member_check: CHECK ((member <> ''::text))
released_share released_share_pkey: PRIMARY KEY (bid_id, place)
released_share released_share_place_check: CHECK (((place >= 1) AND (place <= 15)))
released_share released_share_sha256_check: CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
released_share released_share_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES opening(tender_id)
roster roster_buyer_fkey: FOREIGN KEY (buyer) REFERENCES organisation(id)
roster roster_check: CHECK (((frozen_at IS NULL) = (opening_at IS NULL)))
roster roster_check1: CHECK (((ended_at IS NULL) OR (frozen_at IS NOT NULL)))
roster roster_level_check: CHECK ((level = ANY (ARRAY['S2'::text, 'S3'::text])))
roster roster_pkey: PRIMARY KEY (subject)
roster roster_quorum_check: CHECK (((quorum >= 2) AND (quorum <= 15)))
roster roster_sha256_check: CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
roster roster_subject_check: CHECK ((subject <> ''::text))
roster_call roster_call_pkey: PRIMARY KEY (subject, opening_at, what)
roster_call roster_call_subject_fkey: FOREIGN KEY (subject) REFERENCES roster(subject)
roster_seat roster_seat_check: CHECK (((signed_at IS NULL) = (signature = ''::text)))
roster_seat roster_seat_holder_id_fkey: FOREIGN KEY (holder_id) REFERENCES key_holder(id)
roster_seat roster_seat_pkey: PRIMARY KEY (subject, place)
roster_seat roster_seat_place_check: CHECK (((place >= 1) AND (place <= 15)))
roster_seat roster_seat_subject_fkey: FOREIGN KEY (subject) REFERENCES roster(subject)
roster_seat roster_seat_subject_holder_id_key: UNIQUE (subject, holder_id)
rulebook rulebook_check: CHECK ((sha256 = encode(sha256(text), 'hex'::text)))
rulebook rulebook_name_version_key: UNIQUE (name, version)
rulebook rulebook_pkey: PRIMARY KEY (id)
rulebook rulebook_sha256_check: CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
rulebook rulebook_sha256_key: UNIQUE (sha256)
rulebook rulebook_version_check: CHECK ((version > 0))
rulebook_activation rulebook_activation_activated_by_fkey: FOREIGN KEY (activated_by) REFERENCES person(id)
rulebook_activation rulebook_activation_pkey: PRIMARY KEY (proposal_id)
rulebook_activation rulebook_activation_proposal_id_proposed_by_fkey: FOREIGN KEY (proposal_id, proposed_by) REFERENCES rulebook_proposal(id, proposed_by)
rulebook_activation two_persons: CHECK ((activated_by <> proposed_by))
rulebook_proposal rulebook_proposal_id_proposed_by_key: UNIQUE (id, proposed_by)
rulebook_proposal rulebook_proposal_pkey: PRIMARY KEY (id)
rulebook_proposal rulebook_proposal_proposed_by_fkey: FOREIGN KEY (proposed_by) REFERENCES person(id)
rulebook_proposal rulebook_proposal_rulebook_id_fkey: FOREIGN KEY (rulebook_id) REFERENCES rulebook(id)
sandbox_clock sandbox_clock_pkey: PRIMARY KEY (id)
score score_bid_id_fkey: FOREIGN KEY (bid_id) REFERENCES bid(id)
score score_criterion_id_fkey: FOREIGN KEY (criterion_id) REFERENCES criterion(id)
score score_pkey: PRIMARY KEY (tender_id, person_id, bid_id, criterion_id)
score score_tender_id_person_id_fkey: FOREIGN KEY (tender_id, person_id) REFERENCES evaluator(tender_id, person_id)
score score_value_check: CHECK (((value >= 0) AND (value <= 10)))
seal_key_end seal_key_end_pkey: PRIMARY KEY (tender_id)
seal_key_end seal_key_end_record_id_fkey: FOREIGN KEY (record_id) REFERENCES ledger_record(id)
seal_key_end seal_key_end_record_id_key: UNIQUE (record_id)
seal_key_end seal_key_end_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
search_index search_index_pkey: PRIMARY KEY (collection)
search_waiting search_waiting_pkey: PRIMARY KEY (collection, id)
search_word search_word_pkey: PRIMARY KEY (collection, word)
service_mode service_mode_check: CHECK (((reason <> ''::text) OR (NOT read_only)))
service_mode service_mode_pkey: PRIMARY KEY (id)
shares_given shares_given_member_check: CHECK ((member <> ''::text))
shares_given shares_given_pkey: PRIMARY KEY (tender_id, member)
shares_given shares_given_shares_check: CHECK ((shares >= 0))
shares_given shares_given_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES opening(tender_id)
sighting sighting_check: CHECK ((ended_at >= began_at))
sighting sighting_pkey: PRIMARY KEY (id)
sign_in_challenge sign_in_challenge_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
sign_in_challenge sign_in_challenge_pkey: PRIMARY KEY (token_sha256)
spending spending_pkey: PRIMARY KEY (month, buyer_id, kind, currency)
staged_removal staged_removal_bids_check: CHECK ((bids >= 0))
staged_removal staged_removal_documents_check: CHECK ((documents >= 0))
staged_removal staged_removal_pkey: PRIMARY KEY (tender_id)
staged_removal staged_removal_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES opening(tender_id)
supplier supplier_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
supplier supplier_pkey: PRIMARY KEY (organisation)
technical_result technical_result_check: CHECK ((decided_by <> proposed_by))
technical_result technical_result_check1: CHECK (((decided_by IS NULL) = (decided_at IS NULL)))
technical_result technical_result_decided_by_fkey: FOREIGN KEY (decided_by) REFERENCES person(id)
technical_result technical_result_pkey: PRIMARY KEY (tender_id)
technical_result technical_result_proposed_by_fkey: FOREIGN KEY (proposed_by) REFERENCES person(id)
technical_result technical_result_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES evaluation(tender_id)
tender cancelled_with_reason: CHECK (((state = 'cancelled'::text) = ((cancelled_at IS NOT NULL) AND (cancel_reason <> ''::text))))
tender published_whole: CHECK ((((state = ANY (ARRAY['draft'::text, 'submitted'::text])) AND (published_at IS NULL) AND (revision = 0)) OR ((published_at IS NOT NULL) AND (revision > 0) AND (deadline IS NOT NULL) AND (opening_at >= deadline) AND (question_deadline <= deadline) AND (rulebook_id IS NOT NULL) AND (keyholder_recipient <> ''::text) AND (seal_level <> ''::text) AND (revision_hash <> ''::text))))
tender tender_buyer_id_fkey: FOREIGN KEY (buyer_id) REFERENCES organisation(id)
tender tender_cancelled_by_fkey: FOREIGN KEY (cancelled_by) REFERENCES person(id)
tender tender_category_check: CHECK ((category = ANY (ARRAY['goods'::text, 'works'::text, 'services'::text])))
tender tender_created_by_fkey: FOREIGN KEY (created_by) REFERENCES person(id)
tender tender_deposit_amount_check: CHECK ((deposit_amount > 0))
tender tender_id_check: CHECK ((id ~ '^[0-9]{4}-[0-9]{4,}$'::text))
tender tender_ocid_key: UNIQUE (ocid)
tender tender_pkey: PRIMARY KEY (id)
tender tender_published_by_fkey: FOREIGN KEY (published_by) REFERENCES person(id)
tender tender_rulebook_id_fkey: FOREIGN KEY (rulebook_id) REFERENCES rulebook(id)
tender tender_state_check: CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'open'::text, 'cancelled'::text])))
tender tender_submitted_by_fkey: FOREIGN KEY (submitted_by) REFERENCES person(id)
tender tender_value_amount_check: CHECK ((value_amount >= 0))
tender tender_value_currency_check: CHECK ((value_currency ~ '^[A-Z]{3}$'::text))
tender_document tender_document_added_by_fkey: FOREIGN KEY (added_by) REFERENCES person(id)
tender_document tender_document_pkey: PRIMARY KEY (id)
tender_document tender_document_sha256_check: CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
tender_document tender_document_size_check: CHECK ((size > 0))
tender_document tender_document_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
tender_document tender_document_tender_id_name_version_key: UNIQUE (tender_id, name, version)
tender_document tender_document_version_check: CHECK ((version > 0))
tender_extension tender_extension_check: CHECK ((((decided_by IS NULL) = (decided_at IS NULL)) AND ((decided_by IS NULL) = (approved IS NULL))))
tender_extension tender_extension_decided_by_fkey: FOREIGN KEY (decided_by) REFERENCES person(id)
tender_extension tender_extension_pkey: PRIMARY KEY (id)
tender_extension tender_extension_proposed_by_fkey: FOREIGN KEY (proposed_by) REFERENCES person(id)
tender_extension tender_extension_reason_check: CHECK ((reason <> ''::text))
tender_extension tender_extension_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
tender_extension two_persons: CHECK ((NOT ((approved IS TRUE) AND (decided_by = proposed_by))))
tender_number tender_number_last_check: CHECK ((last > 0))
tender_number tender_number_pkey: PRIMARY KEY (year)
tender_revision tender_revision_check: CHECK ((sha256 = encode(sha256(content), 'hex'::text)))
tender_revision tender_revision_pkey: PRIMARY KEY (tender_id, revision)
tender_revision tender_revision_revision_check: CHECK ((revision > 0))
tender_revision tender_revision_tender_id_fkey: FOREIGN KEY (tender_id) REFERENCES tender(id)
totp totp_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
totp totp_pkey: PRIMARY KEY (person)
transfer_batch transfer_batch_currency_check: CHECK ((currency ~ '^[A-Z]{3}$'::text))
transfer_batch transfer_batch_made_by_fkey: FOREIGN KEY (made_by) REFERENCES person(id)
transfer_batch transfer_batch_pkey: PRIMARY KEY (id)
transfer_order transfer_order_batch_fkey: FOREIGN KEY (batch) REFERENCES transfer_batch(id)
transfer_order transfer_order_check: CHECK (((holder = ''::text) = (iban = ''::text)))
transfer_order transfer_order_iban_check: CHECK ((iban ~ '^([A-Z]{2}[0-9]{2}[A-Z0-9]{8,30})?$'::text))
transfer_order transfer_order_pkey: PRIMARY KEY (refund_id)
transfer_order transfer_order_reference_check: CHECK ((reference ~ '^RF[0-9]{2}[0-9A-Z]{1,21}$'::text))
transfer_order transfer_order_reference_key: UNIQUE (reference)
transfer_order transfer_order_refund_id_fkey: FOREIGN KEY (refund_id) REFERENCES refund(id)
upload_reservation upload_reservation_bytes_check: CHECK ((bytes >= 0))
upload_reservation upload_reservation_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
upload_reservation upload_reservation_pkey: PRIMARY KEY (id)
web_session web_session_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
web_session web_session_person_fkey: FOREIGN KEY (person) REFERENCES person(id)
web_session web_session_pkey: PRIMARY KEY (id)
web_session web_session_proved_by_check: CHECK ((proved_by = ANY (ARRAY['password'::text, 'code'::text, 'passkey'::text, 'provider'::text, 'strong-provider'::text, 'practice'::text])))
web_session web_session_token_sha256_key: UNIQUE (token_sha256)
webhook webhook_check: CHECK (((process <> ''::text) = (what = 'process'::text)))
webhook webhook_check1: CHECK (((off_reason <> ''::text) = (off_at IS NOT NULL)))
webhook webhook_check2: CHECK (((failing_since IS NOT NULL) = (failures > 0)))
webhook webhook_created_by_fkey: FOREIGN KEY (created_by) REFERENCES person(id)
webhook webhook_failures_check: CHECK ((failures >= 0))
webhook webhook_organisation_fkey: FOREIGN KEY (organisation) REFERENCES organisation(id)
webhook webhook_organisation_url_key: UNIQUE (organisation, url)
webhook webhook_pkey: PRIMARY KEY (id)
webhook webhook_position_check: CHECK (("position" >= '-1'::integer))
webhook webhook_types_check: CHECK ((jsonb_typeof(types) = 'array'::text))
webhook webhook_url_check: CHECK ((url <> ''::text))
webhook webhook_what_check: CHECK ((what = ANY (ARRAY['everything'::text, 'ours'::text, 'process'::text])))
webhook_delivery webhook_delivery_attempts_check: CHECK ((attempts > 0))
webhook_delivery webhook_delivery_pkey: PRIMARY KEY (webhook, message)
webhook_delivery webhook_delivery_webhook_fkey: FOREIGN KEY (webhook) REFERENCES webhook(id) ON DELETE CASCADE
webhook_secret webhook_secret_pkey: PRIMARY KEY (webhook, secret)
webhook_secret webhook_secret_webhook_fkey: FOREIGN KEY (webhook) REFERENCES webhook(id) ON DELETE CASCADE

-- indexes
CREATE INDEX access_review_organisation ON public.access_review USING btree (organisation, reviewed_at)
CREATE UNIQUE INDEX access_review_pkey ON public.access_review USING btree (id)
CREATE UNIQUE INDEX alembic_version_pkc ON public.alembic_version USING btree (version_num)
CREATE UNIQUE INDEX answer_pkey ON public.answer USING btree (question_id)
CREATE INDEX api_token_person ON public.api_token USING btree (person)
CREATE UNIQUE INDEX api_token_pkey ON public.api_token USING btree (id)
CREATE UNIQUE INDEX api_token_token_sha256_key ON public.api_token USING btree (token_sha256)
CREATE UNIQUE INDEX availability_pkey ON public.availability USING btree (day, component, source)
CREATE UNIQUE INDEX award_pkey ON public.award USING btree (id)
CREATE UNIQUE INDEX award_standing ON public.award USING btree (tender_id, lot) WHERE (returned_at IS NULL)
CREATE INDEX award_supplier ON public.award USING btree (supplier_id)
CREATE INDEX award_hold_award ON public.award_hold USING btree (award_id)
CREATE UNIQUE INDEX award_hold_pkey ON public.award_hold USING btree (id)
CREATE INDEX bank_line_day ON public.bank_line USING btree (booked_on)
CREATE UNIQUE INDEX bank_line_identity_key ON public.bank_line USING btree (identity)
CREATE INDEX bank_line_named ON public.bank_line USING btree (bank_reference) WHERE (bank_reference <> ''::text)
CREATE INDEX bank_line_payment ON public.bank_line USING btree (payment_id) WHERE (payment_id IS NOT NULL)
CREATE UNIQUE INDEX bank_line_pkey ON public.bank_line USING btree (id)
CREATE INDEX bank_line_settled ON public.bank_line USING btree (settled_at) WHERE (forgotten_at IS NULL)
CREATE INDEX bank_line_statement ON public.bank_line USING btree (statement, number)
CREATE INDEX bank_line_waiting ON public.bank_line USING btree (booked_on, id) WHERE (outcome = 'person'::text)
CREATE INDEX bank_statement_imported ON public.bank_statement USING btree (imported_at, id)
CREATE UNIQUE INDEX bank_statement_pkey ON public.bank_statement USING btree (id)
CREATE UNIQUE INDEX bank_statement_record_id_key ON public.bank_statement USING btree (record_id)
CREATE UNIQUE INDEX bank_statement_sha256_key ON public.bank_statement USING btree (sha256)
CREATE UNIQUE INDEX bid_digest_key ON public.bid USING btree (digest)
CREATE UNIQUE INDEX bid_pkey ON public.bid USING btree (id)
CREATE INDEX bid_supplier ON public.bid USING btree (supplier_id, received_at)
CREATE UNIQUE INDEX bid_tender_id_round_supplier_id_kind_version_key ON public.bid USING btree (tender_id, round, supplier_id, kind, version)
CREATE UNIQUE INDEX bid_tender_id_supplier_id_idempotency_key_key ON public.bid USING btree (tender_id, supplier_id, idempotency_key)
CREATE UNIQUE INDEX bid_closing_pkey ON public.bid_closing USING btree (tender_id)
CREATE UNIQUE INDEX bid_draft_pkey ON public.bid_draft USING btree (id)
CREATE UNIQUE INDEX bid_draft_tender_id_supplier_id_key ON public.bid_draft USING btree (tender_id, supplier_id)
CREATE INDEX bid_draft_unsubmitted ON public.bid_draft USING btree (supplier_id, changed_at) WHERE (bid_id IS NULL)
CREATE UNIQUE INDEX bid_financial_digest_key ON public.bid_financial USING btree (digest)
CREATE UNIQUE INDEX bid_financial_pkey ON public.bid_financial USING btree (bid_id, lot)
CREATE UNIQUE INDEX bid_part_pkey ON public.bid_part USING btree (tender_id, supplier_id, sha256)
CREATE UNIQUE INDEX bid_receipt_pkey ON public.bid_receipt USING btree (bid_id)
CREATE UNIQUE INDEX bid_receipt_record_id_key ON public.bid_receipt USING btree (record_id)
CREATE UNIQUE INDEX bid_recovery_pkey ON public.bid_recovery USING btree (bid_id)
CREATE INDEX bid_recovery_tender ON public.bid_recovery USING btree (tender_id)
CREATE UNIQUE INDEX bid_withdrawal_pkey ON public.bid_withdrawal USING btree (bid_id)
CREATE UNIQUE INDEX bidder_pkey ON public.bidder USING btree (tender_id, supplier_id)
CREATE INDEX book_entry_at ON public.book_entry USING btree (at, id)
CREATE UNIQUE INDEX book_entry_key_key ON public.book_entry USING btree (key)
CREATE UNIQUE INDEX book_entry_pkey ON public.book_entry USING btree (id)
CREATE UNIQUE INDEX book_entry_record_id_key ON public.book_entry USING btree (record_id)
CREATE INDEX book_posting_account ON public.book_posting USING btree (account, party)
CREATE UNIQUE INDEX book_posting_pkey ON public.book_posting USING btree (entry, account, party, currency)
CREATE INDEX calendar_feed_person ON public.calendar_feed USING btree (person)
CREATE UNIQUE INDEX calendar_feed_pkey ON public.calendar_feed USING btree (id)
CREATE UNIQUE INDEX calendar_feed_token_sha256_key ON public.calendar_feed USING btree (token_sha256)
CREATE UNIQUE INDEX card_attempt_alone ON public.card_attempt USING btree (charge_id) WHERE (state = ANY (ARRAY['opening'::text, 'open'::text]))
CREATE UNIQUE INDEX card_attempt_external ON public.card_attempt USING btree (external) WHERE (external <> ''::text)
CREATE INDEX card_attempt_open ON public.card_attempt USING btree (until) WHERE (state = ANY (ARRAY['opening'::text, 'open'::text]))
CREATE UNIQUE INDEX card_attempt_pkey ON public.card_attempt USING btree (charge_id, number)
CREATE INDEX card_difference_open ON public.card_difference USING btree (found_at) WHERE (closed_at IS NULL)
CREATE UNIQUE INDEX card_difference_pkey ON public.card_difference USING btree (kind, object)
CREATE UNIQUE INDEX card_event_pkey ON public.card_event USING btree (id)
CREATE INDEX card_event_received ON public.card_event USING btree (received_at)
CREATE UNIQUE INDEX card_reconciliation_pkey ON public.card_reconciliation USING btree (id)
CREATE INDEX card_work_due ON public.card_work USING btree (due_at)
CREATE UNIQUE INDEX card_work_pkey ON public.card_work USING btree (kind, object)
CREATE INDEX charge_asked ON public.charge USING btree (asked_at, id)
CREATE INDEX charge_payer ON public.charge USING btree (payer, asked_at)
CREATE UNIQUE INDEX charge_pkey ON public.charge USING btree (id)
CREATE UNIQUE INDEX charge_purpose_subject_payer_key ON public.charge USING btree (purpose, subject, payer)
CREATE UNIQUE INDEX charge_reference_key ON public.charge USING btree (reference)
CREATE INDEX classification_beginning ON public.classification USING btree (beginning)
CREATE INDEX classification_parent ON public.classification USING btree (scheme, language, parent)
CREATE UNIQUE INDEX classification_pkey ON public.classification USING btree (scheme, language, code)
CREATE INDEX classification_tsv ON public.classification USING gin (tsv)
CREATE UNIQUE INDEX clock_watermark_pkey ON public.clock_watermark USING btree (singleton)
CREATE UNIQUE INDEX compliance_pkey ON public.compliance USING btree (tender_id, bid_id)
CREATE UNIQUE INDEX consensus_pkey ON public.consensus USING btree (tender_id, bid_id, criterion_id)
CREATE UNIQUE INDEX contract_award_id_key ON public.contract USING btree (award_id)
CREATE INDEX contract_buyer ON public.contract USING btree (buyer_id)
CREATE UNIQUE INDEX contract_pkey ON public.contract USING btree (id)
CREATE INDEX contract_supplier ON public.contract USING btree (supplier_id)
CREATE INDEX contract_tender ON public.contract USING btree (tender_id)
CREATE INDEX contract_to_sign_buyer ON public.contract USING btree (buyer_id) WHERE ((buyer_signed_at IS NULL) OR (supplier_signed_at IS NULL))
CREATE INDEX contract_to_sign_supplier ON public.contract USING btree (supplier_id) WHERE ((buyer_signed_at IS NULL) OR (supplier_signed_at IS NULL))
CREATE INDEX criterion_lot ON public.criterion USING btree (lot_id, tender_id)
CREATE UNIQUE INDEX criterion_pkey ON public.criterion USING btree (id)
CREATE INDEX criterion_tender ON public.criterion USING btree (tender_id)
CREATE INDEX delegation_deputy ON public.delegation USING btree (deputy)
CREATE INDEX delegation_giver ON public.delegation USING btree (giver)
CREATE INDEX delegation_organisation ON public.delegation USING btree (organisation, ends_at)
CREATE UNIQUE INDEX delegation_pkey ON public.delegation USING btree (id)
CREATE UNIQUE INDEX demo_secret_pkey ON public.demo_secret USING btree (person_id)
CREATE UNIQUE INDEX derivation_pkey ON public.derivation USING btree (name)
CREATE UNIQUE INDEX dispute_external_key ON public.dispute USING btree (external)
CREATE INDEX dispute_open ON public.dispute USING btree (opened_at, id) WHERE (closed_at IS NULL)
CREATE INDEX dispute_payment ON public.dispute USING btree (payment_id)
CREATE UNIQUE INDEX dispute_pkey ON public.dispute USING btree (id)
CREATE UNIQUE INDEX document_scan_pkey ON public.document_scan USING btree (bid_id, number)
CREATE INDEX document_scan_waiting ON public.document_scan USING btree (looked_at) WHERE (verdict = ANY (ARRAY['unanswered'::text, 'no-scanner'::text]))
CREATE UNIQUE INDEX draft_warning_pkey ON public.draft_warning USING btree (tender, organisation, deadline, hours)
CREATE UNIQUE INDEX erased_file_pkey ON public.erased_file USING btree (kind, sha256, owner)
CREATE INDEX erased_file_waiting ON public.erased_file USING btree (erased_at) WHERE (gone_at IS NULL)
CREATE UNIQUE INDEX evaluation_pkey ON public.evaluation USING btree (tender_id)
CREATE UNIQUE INDEX evaluator_chair ON public.evaluator USING btree (tender_id) WHERE (chair AND (dismissed_at IS NULL))
CREATE INDEX evaluator_person ON public.evaluator USING btree (person_id, appointed_at) WHERE (dismissed_at IS NULL)
CREATE UNIQUE INDEX evaluator_pkey ON public.evaluator USING btree (tender_id, person_id)
CREATE INDEX feedback_answered ON public.feedback USING btree (answered_at, id) WHERE (answered_at IS NOT NULL)
CREATE UNIQUE INDEX feedback_pkey ON public.feedback USING btree (id)
CREATE INDEX feedback_received ON public.feedback USING btree (received_at)
CREATE INDEX feedback_waiting ON public.feedback USING btree (due_at, id) WHERE (answered_at IS NULL)
CREATE INDEX financial_opening_in_progress ON public.financial_opening USING btree (confirmed_at) WHERE ((confirmed_at IS NOT NULL) AND (shown_at IS NULL))
CREATE UNIQUE INDEX financial_opening_pkey ON public.financial_opening USING btree (tender_id)
CREATE UNIQUE INDEX financial_opening_record_id_key ON public.financial_opening USING btree (record_id)
CREATE INDEX follow_organisation ON public.follow USING btree (organisation) WHERE (organisation IS NOT NULL)
CREATE UNIQUE INDEX follow_person_kind_target_key ON public.follow USING btree (person, kind, target)
CREATE UNIQUE INDEX follow_pkey ON public.follow USING btree (id)
CREATE INDEX follow_target ON public.follow USING btree (kind, target)
CREATE INDEX forfeiture_charge ON public.forfeiture USING btree (charge_id)
CREATE UNIQUE INDEX forfeiture_pkey ON public.forfeiture USING btree (id)
CREATE INDEX forfeiture_waiting ON public.forfeiture USING btree (asked_at, id) WHERE ((approved_at IS NULL) AND (refused_at IS NULL))
CREATE UNIQUE INDEX former_name_pkey ON public.former_name USING btree (organisation, until)
CREATE INDEX holder_challenge_asked ON public.holder_challenge USING btree (asked_at)
CREATE INDEX holder_challenge_holder ON public.holder_challenge USING btree (holder_id, asked_at)
CREATE UNIQUE INDEX holder_challenge_pkey ON public.holder_challenge USING btree (id)
CREATE INDEX idempotency_at ON public.idempotency USING btree (at)
CREATE UNIQUE INDEX idempotency_pkey ON public.idempotency USING btree (actor, key)
CREATE UNIQUE INDEX imported_release_pkey ON public.imported_release USING btree (id)
CREATE UNIQUE INDEX imported_release_source_ocid_release_id_digest_key ON public.imported_release USING btree (source, ocid, release_id, digest)
CREATE INDEX inbox_message_organisation ON public.inbox_message USING btree (organisation, delivered_at, id)
CREATE UNIQUE INDEX inbox_message_pkey ON public.inbox_message USING btree (id)
CREATE UNIQUE INDEX inbox_message_record_id_organisation_kind_key ON public.inbox_message USING btree (record_id, organisation, kind)
CREATE INDEX inbox_message_tender ON public.inbox_message USING btree (tender, kind)
CREATE UNIQUE INDEX inbox_reading_pkey ON public.inbox_reading USING btree (message)
CREATE INDEX incident_began ON public.incident USING btree (began_at)
CREATE UNIQUE INDEX incident_pkey ON public.incident USING btree (id)
CREATE INDEX incident_note_incident ON public.incident_note USING btree (incident, at)
CREATE UNIQUE INDEX incident_note_pkey ON public.incident_note USING btree (id)
CREATE UNIQUE INDEX installation_pkey ON public.installation USING btree (singleton)
CREATE INDEX invitation_organisation ON public.invitation USING btree (organisation)
CREATE UNIQUE INDEX invitation_pkey ON public.invitation USING btree (id)
CREATE UNIQUE INDEX invitation_token_sha256_key ON public.invitation USING btree (token_sha256)
CREATE INDEX item_lot ON public.item USING btree (lot_id, tender_id)
CREATE UNIQUE INDEX item_pkey ON public.item USING btree (id)
CREATE INDEX item_tender ON public.item USING btree (tender_id)
CREATE INDEX kept_person_person ON public.kept_person USING btree (person)
CREATE UNIQUE INDEX kept_person_pkey ON public.kept_person USING btree (reason)
CREATE UNIQUE INDEX key_holder_age_key ON public.key_holder USING btree (age)
CREATE UNIQUE INDEX key_holder_fingerprint_key ON public.key_holder USING btree (fingerprint)
CREATE UNIQUE INDEX key_holder_now ON public.key_holder USING btree (person_id, organisation) WHERE (ended_at IS NULL)
CREATE INDEX key_holder_organisation ON public.key_holder USING btree (organisation, enrolled_at)
CREATE UNIQUE INDEX key_holder_pkey ON public.key_holder USING btree (id)
CREATE UNIQUE INDEX key_holder_sign_key ON public.key_holder USING btree (sign)
CREATE UNIQUE INDEX keyholder_mark_pkey ON public.keyholder_mark USING btree (id)
CREATE UNIQUE INDEX known_browser_pkey ON public.known_browser USING btree (person, browser_sha256)
CREATE UNIQUE INDEX ledger_checkpoint_pkey ON public.ledger_checkpoint USING btree (size)
CREATE UNIQUE INDEX ledger_cosignature_pkey ON public.ledger_cosignature USING btree (witness, size)
CREATE INDEX ledger_cosignature_size ON public.ledger_cosignature USING btree (size)
CREATE UNIQUE INDEX ledger_disclosure_pkey ON public.ledger_disclosure USING btree (record_id)
CREATE UNIQUE INDEX ledger_leaf_pkey ON public.ledger_leaf USING btree (leaf_index)
CREATE UNIQUE INDEX ledger_leaf_record_id_key ON public.ledger_leaf USING btree (record_id)
CREATE UNIQUE INDEX ledger_origin_origin_key ON public.ledger_origin USING btree (origin)
CREATE UNIQUE INDEX ledger_origin_pkey ON public.ledger_origin USING btree (id)
CREATE UNIQUE INDEX ledger_origin_record_id_key ON public.ledger_origin USING btree (record_id)
CREATE UNIQUE INDEX ledger_pending_pkey ON public.ledger_pending USING btree (record_id)
CREATE INDEX ledger_record_by_actor ON public.ledger_record USING btree (split_part(actor, ' '::text, 1), id)
CREATE UNIQUE INDEX ledger_record_pkey ON public.ledger_record USING btree (id)
CREATE INDEX ledger_record_process ON public.ledger_record USING btree (process, id)
CREATE INDEX ledger_record_public ON public.ledger_record USING btree (process) WHERE (visible = 'at-once'::text)
CREATE INDEX ledger_record_type ON public.ledger_record USING btree (type, id)
CREATE UNIQUE INDEX ledger_tile_pkey ON public.ledger_tile USING btree (level, tile_index)
CREATE UNIQUE INDEX ledger_timestamp_pkey ON public.ledger_timestamp USING btree (size)
CREATE UNIQUE INDEX legal_hold_pkey ON public.legal_hold USING btree (id)
CREATE INDEX legal_hold_placed ON public.legal_hold USING btree (placed_at, id)
CREATE INDEX legal_hold_standing ON public.legal_hold USING btree (about, subject) WHERE (lifted_at IS NULL)
CREATE UNIQUE INDEX lost_part_pkey ON public.lost_part USING btree (bid_id, sha256)
CREATE UNIQUE INDEX lot_id_tender_id_key ON public.lot USING btree (id, tender_id)
CREATE UNIQUE INDEX lot_pkey ON public.lot USING btree (id)
CREATE UNIQUE INDEX lot_tender_id_number_key ON public.lot USING btree (tender_id, number)
CREATE UNIQUE INDEX low_price_pkey ON public.low_price USING btree (tender_id, bid_id, lot)
CREATE UNIQUE INDEX mail_bounce_now ON public.mail_bounce USING btree (person, address_sha256) WHERE (ended_at IS NULL)
CREATE UNIQUE INDEX mail_bounce_pkey ON public.mail_bounce USING btree (id)
CREATE INDEX mail_copy_person ON public.mail_copy USING btree (person)
CREATE UNIQUE INDEX mail_copy_pkey ON public.mail_copy USING btree (id)
CREATE INDEX mail_copy_waiting ON public.mail_copy USING btree (due_at, id) WHERE ((sent_at IS NULL) AND (failed_at IS NULL))
CREATE UNIQUE INDEX membership_now ON public.membership USING btree (person, organisation, role) WHERE (until IS NULL)
CREATE INDEX membership_organisation ON public.membership USING btree (organisation) WHERE (until IS NULL)
CREATE UNIQUE INDEX membership_pkey ON public.membership USING btree (id)
CREATE UNIQUE INDEX motion_open ON public.motion USING btree (organisation, kind) WHERE (decided_at IS NULL)
CREATE UNIQUE INDEX motion_pkey ON public.motion USING btree (id)
CREATE INDEX news_follow ON public.news USING btree (follow)
CREATE INDEX news_mail ON public.news USING btree (mail) WHERE (mail IS NOT NULL)
CREATE INDEX news_person ON public.news USING btree (person, id)
CREATE UNIQUE INDEX news_pkey ON public.news USING btree (id)
CREATE UNIQUE INDEX news_record_id_person_key ON public.news USING btree (record_id, person)
CREATE INDEX news_waiting ON public.news USING btree (often, at) WHERE ((mail IS NULL) AND (often = ANY (ARRAY['daily'::text, 'weekly'::text])))
CREATE INDEX notice_by_award ON public.notice USING btree (awarded_at, id) WHERE (outcome = 'awarded'::text)
CREATE INDEX notice_by_award_of_source ON public.notice USING btree (source, awarded_at, id) WHERE (outcome = 'awarded'::text)
CREATE INDEX notice_by_buyer ON public.notice USING btree (buyer_id, published_at, id)
CREATE INDEX notice_by_deadline ON public.notice USING btree (deadline, id) WHERE (outcome = ''::text)
CREATE INDEX notice_by_publication ON public.notice USING btree (published_at, id)
CREATE INDEX notice_by_source ON public.notice USING btree (source, published_at, id)
CREATE INDEX notice_by_value ON public.notice USING btree (COALESCE(amount, (- (1)::bigint)), id)
CREATE INDEX notice_categories ON public.notice USING gin (categories)
CREATE INDEX notice_ocid ON public.notice USING btree (ocid)
CREATE UNIQUE INDEX notice_pkey ON public.notice USING btree (id)
CREATE INDEX notice_sample ON public.notice USING gin (tsv, categories, supplier_ids) WHERE ((hashtext(id) & 15) = 0)
CREATE INDEX notice_sample_counted ON public.notice USING btree (published_at, id) INCLUDE (source, kind, buyer_id, amount, outcome, deadline) WHERE ((hashtext(id) & 15) = 0)
CREATE INDEX notice_suppliers ON public.notice USING gin (supplier_ids)
CREATE INDEX notice_tsv ON public.notice USING gin (tsv)
CREATE INDEX notice_words ON public.notice USING gin (words gin_trgm_ops)
CREATE UNIQUE INDEX opened_bid_pkey ON public.opened_bid USING btree (bid_id)
CREATE INDEX opened_bid_tender ON public.opened_bid USING btree (tender_id)
CREATE UNIQUE INDEX opened_document_pkey ON public.opened_document USING btree (bid_id, number)
CREATE UNIQUE INDEX opened_price_pkey ON public.opened_price USING btree (bid_id, lot)
CREATE INDEX opened_price_tender ON public.opened_price USING btree (tender_id)
CREATE INDEX opening_in_progress ON public.opening USING btree (confirmed_at) WHERE ((confirmed_at IS NOT NULL) AND (shown_at IS NULL))
CREATE UNIQUE INDEX opening_pkey ON public.opening USING btree (tender_id)
CREATE INDEX opening_shown ON public.opening USING btree (shown_at, tender_id) WHERE (shown_at IS NOT NULL)
CREATE INDEX opening_paper_due ON public.opening_paper USING btree (record_id) WHERE (sha256 IS NULL)
CREATE UNIQUE INDEX opening_paper_pkey ON public.opening_paper USING btree (tender_id)
CREATE UNIQUE INDEX opening_paper_record_id_key ON public.opening_paper USING btree (record_id)
CREATE UNIQUE INDEX organisation_identifier ON public.organisation USING btree (identifier_scheme, identifier) WHERE (identifier <> ''::text)
CREATE INDEX organisation_institution ON public.organisation USING btree (name, id) WHERE (kind <> 'supplier'::text)
CREATE INDEX organisation_merged ON public.organisation USING btree (merged_into) WHERE (merged_into IS NOT NULL)
CREATE UNIQUE INDEX organisation_pkey ON public.organisation USING btree (id)
CREATE INDEX outage_began ON public.outage USING btree (began_at)
CREATE INDEX outage_ended ON public.outage USING btree (ended_at)
CREATE UNIQUE INDEX outage_pkey ON public.outage USING btree (id)
CREATE UNIQUE INDEX outage_running ON public.outage USING btree (component, source) WHERE (ended_at IS NULL)
CREATE UNIQUE INDEX outage_proposal_open ON public.outage_proposal USING btree (tender_id, deadline) WHERE (decided_at IS NULL)
CREATE UNIQUE INDEX outage_proposal_pkey ON public.outage_proposal USING btree (tender_id, deadline, proposed_at)
CREATE INDEX outage_proposal_waiting ON public.outage_proposal USING btree (tender_id) WHERE (decided_at IS NULL)
CREATE INDEX outbox_done ON public.outbox USING btree (done_at) WHERE (done_at IS NOT NULL)
CREATE UNIQUE INDEX outbox_pkey ON public.outbox USING btree (id)
CREATE INDEX outbox_waiting ON public.outbox USING btree (due_at, id) WHERE (done_at IS NULL)
CREATE UNIQUE INDEX page_version_pkey ON public.page_version USING btree (topic)
CREATE UNIQUE INDEX passkey_credential_id_key ON public.passkey USING btree (credential_id)
CREATE INDEX passkey_person ON public.passkey USING btree (person)
CREATE UNIQUE INDEX passkey_pkey ON public.passkey USING btree (id)
CREATE INDEX passkey_challenge_expires ON public.passkey_challenge USING btree (expires_at)
CREATE UNIQUE INDEX passkey_challenge_pkey ON public.passkey_challenge USING btree (challenge_sha256)
CREATE UNIQUE INDEX payment_channel_external_key ON public.payment USING btree (channel, external)
CREATE INDEX payment_charge ON public.payment USING btree (charge_id)
CREATE UNIQUE INDEX payment_pkey ON public.payment USING btree (id)
CREATE INDEX payment_unmatched ON public.payment USING btree (received_at, id) WHERE (charge_id IS NULL)
CREATE UNIQUE INDEX person_email_key ON public.person USING btree (email)
CREATE UNIQUE INDEX person_pkey ON public.person USING btree (id)
CREATE INDEX personal_export_person ON public.personal_export USING btree (person)
CREATE UNIQUE INDEX personal_export_pkey ON public.personal_export USING btree (id)
CREATE UNIQUE INDEX price_recovery_pkey ON public.price_recovery USING btree (bid_id, lot)
CREATE INDEX price_recovery_tender ON public.price_recovery USING btree (tender_id)
CREATE UNIQUE INDEX price_share_pkey ON public.price_share USING btree (bid_id, lot, place)
CREATE INDEX price_share_tender ON public.price_share USING btree (tender_id, member)
CREATE UNIQUE INDEX price_shares_given_pkey ON public.price_shares_given USING btree (tender_id, member)
CREATE INDEX provider_account_person ON public.provider_account USING btree (person)
CREATE UNIQUE INDEX provider_account_pkey ON public.provider_account USING btree (issuer, subject)
CREATE INDEX provider_arrival_expires ON public.provider_arrival USING btree (expires_at)
CREATE UNIQUE INDEX provider_arrival_pkey ON public.provider_arrival USING btree (token_sha256)
CREATE INDEX provider_visit_expires ON public.provider_visit USING btree (expires_at)
CREATE UNIQUE INDEX provider_visit_pkey ON public.provider_visit USING btree (state_sha256)
CREATE INDEX public_award_by_buyer ON public.public_award USING btree (buyer_id, awarded_at, id)
CREATE INDEX public_award_by_date ON public.public_award USING btree (awarded_at, id)
CREATE INDEX public_award_by_value ON public.public_award USING btree (COALESCE(amount, (- (1)::bigint)), id)
CREATE INDEX public_award_categories ON public.public_award USING gin (categories)
CREATE INDEX public_award_notice ON public.public_award USING btree (notice_id)
CREATE INDEX public_award_of_source ON public.public_award USING btree (source, awarded_at, id)
CREATE UNIQUE INDEX public_award_pkey ON public.public_award USING btree (id)
CREATE INDEX public_award_sample ON public.public_award USING gin (tsv, categories, supplier_ids) WHERE ((hashtext(id) & 15) = 0)
CREATE INDEX public_award_sample_counted ON public.public_award USING btree (awarded_at, id) INCLUDE (source, kind, buyer_id, supplier_ids, amount, status) WHERE ((hashtext(id) & 15) = 0)
CREATE INDEX public_award_suppliers ON public.public_award USING gin (supplier_ids)
CREATE INDEX public_award_tsv ON public.public_award USING gin (tsv)
CREATE INDEX public_organisation_by_last ON public.public_organisation USING btree (seen_at, id)
CREATE UNIQUE INDEX public_organisation_pkey ON public.public_organisation USING btree (id)
CREATE INDEX public_organisation_tsv ON public.public_organisation USING gin (tsv)
CREATE UNIQUE INDEX question_pkey ON public.question USING btree (id)
CREATE UNIQUE INDEX question_tender_id_number_key ON public.question USING btree (tender_id, number)
CREATE INDEX receipt_charge ON public.receipt USING btree (charge_id)
CREATE INDEX receipt_issued ON public.receipt USING btree (issued_at, id)
CREATE UNIQUE INDEX receipt_kind_subject_key ON public.receipt USING btree (kind, subject)
CREATE UNIQUE INDEX receipt_name ON public.receipt USING btree (name) WHERE (name <> ''::text)
CREATE INDEX receipt_payer ON public.receipt USING btree (payer, issued_at)
CREATE UNIQUE INDEX receipt_pkey ON public.receipt USING btree (id)
CREATE UNIQUE INDEX receipt_year_number_key ON public.receipt USING btree (year, number)
CREATE UNIQUE INDEX receipt_due_pkey ON public.receipt_due USING btree (kind, subject)
CREATE UNIQUE INDEX receipt_number_pkey ON public.receipt_number USING btree (year)
CREATE INDEX recovery_person ON public.recovery USING btree (person)
CREATE UNIQUE INDEX recovery_pkey ON public.recovery USING btree (token_sha256)
CREATE UNIQUE INDEX recovery_code_pkey ON public.recovery_code USING btree (person, code_sha256)
CREATE INDEX refund_charge ON public.refund USING btree (charge_id)
CREATE UNIQUE INDEX refund_external ON public.refund USING btree (external) WHERE (external <> ''::text)
CREATE INDEX refund_failed ON public.refund USING btree (failed_at, id) WHERE (failed_at IS NOT NULL)
CREATE INDEX refund_open ON public.refund USING btree (asked_at, id) WHERE ((sent_at IS NULL) AND (refused_at IS NULL) AND (failed_at IS NULL))
CREATE INDEX refund_payment ON public.refund USING btree (payment_id)
CREATE UNIQUE INDEX refund_pkey ON public.refund USING btree (id)
CREATE UNIQUE INDEX refund_account_pkey ON public.refund_account USING btree (organisation)
CREATE INDEX registration_expires ON public.registration USING btree (expires_at)
CREATE UNIQUE INDEX registration_pkey ON public.registration USING btree (id)
CREATE UNIQUE INDEX registration_token_sha256_key ON public.registration USING btree (token_sha256)
CREATE INDEX release_date ON public.release USING btree (date, id)
CREATE INDEX release_ocid ON public.release USING btree (ocid, record_id)
CREATE UNIQUE INDEX release_pkey ON public.release USING btree (id)
CREATE UNIQUE INDEX release_record_id_key ON public.release USING btree (record_id)
CREATE UNIQUE INDEX released_share_pkey ON public.released_share USING btree (bid_id, place)
CREATE INDEX released_share_tender ON public.released_share USING btree (tender_id, member)
CREATE INDEX roster_awaited ON public.roster USING btree (opening_at) WHERE ((frozen_at IS NOT NULL) AND (ended_at IS NULL))
CREATE INDEX roster_buyer ON public.roster USING btree (buyer)
CREATE UNIQUE INDEX roster_pkey ON public.roster USING btree (subject)
CREATE UNIQUE INDEX roster_call_pkey ON public.roster_call USING btree (subject, opening_at, what)
CREATE INDEX roster_seat_holder ON public.roster_seat USING btree (holder_id)
CREATE UNIQUE INDEX roster_seat_pkey ON public.roster_seat USING btree (subject, place)
CREATE UNIQUE INDEX roster_seat_subject_holder_id_key ON public.roster_seat USING btree (subject, holder_id)
CREATE UNIQUE INDEX rulebook_name_version_key ON public.rulebook USING btree (name, version)
CREATE UNIQUE INDEX rulebook_pkey ON public.rulebook USING btree (id)
CREATE UNIQUE INDEX rulebook_sha256_key ON public.rulebook USING btree (sha256)
CREATE UNIQUE INDEX rulebook_activation_pkey ON public.rulebook_activation USING btree (proposal_id)
CREATE UNIQUE INDEX rulebook_proposal_id_proposed_by_key ON public.rulebook_proposal USING btree (id, proposed_by)
CREATE UNIQUE INDEX rulebook_proposal_pkey ON public.rulebook_proposal USING btree (id)
CREATE INDEX rulebook_proposal_rulebook ON public.rulebook_proposal USING btree (rulebook_id)
CREATE UNIQUE INDEX sandbox_clock_pkey ON public.sandbox_clock USING btree (id)
CREATE UNIQUE INDEX score_pkey ON public.score USING btree (tender_id, person_id, bid_id, criterion_id)
CREATE UNIQUE INDEX seal_key_end_pkey ON public.seal_key_end USING btree (tender_id)
CREATE UNIQUE INDEX seal_key_end_record_id_key ON public.seal_key_end USING btree (record_id)
CREATE INDEX seal_key_end_waiting ON public.seal_key_end USING btree (ended_at) WHERE (destroyed_at IS NULL)
CREATE UNIQUE INDEX search_index_pkey ON public.search_index USING btree (collection)
CREATE UNIQUE INDEX search_waiting_pkey ON public.search_waiting USING btree (collection, id)
CREATE INDEX search_waiting_turn ON public.search_waiting USING btree (turn)
CREATE INDEX search_word_alike ON public.search_word USING gin (word gin_trgm_ops)
CREATE UNIQUE INDEX search_word_pkey ON public.search_word USING btree (collection, word)
CREATE UNIQUE INDEX service_mode_pkey ON public.service_mode USING btree (id)
CREATE UNIQUE INDEX shares_given_pkey ON public.shares_given USING btree (tender_id, member)
CREATE INDEX sighting_by_source ON public.sighting USING btree (source, ended_at)
CREATE INDEX sighting_ended ON public.sighting USING btree (ended_at)
CREATE UNIQUE INDEX sighting_pkey ON public.sighting USING btree (id)
CREATE INDEX sign_in_challenge_person ON public.sign_in_challenge USING btree (person)
CREATE UNIQUE INDEX sign_in_challenge_pkey ON public.sign_in_challenge USING btree (token_sha256)
CREATE UNIQUE INDEX spending_pkey ON public.spending USING btree (month, buyer_id, kind, currency)
CREATE UNIQUE INDEX staged_removal_pkey ON public.staged_removal USING btree (tender_id)
CREATE UNIQUE INDEX supplier_pkey ON public.supplier USING btree (organisation)
CREATE UNIQUE INDEX technical_result_pkey ON public.technical_result USING btree (tender_id)
CREATE INDEX tender_buyer ON public.tender USING btree (buyer_id, id)
CREATE UNIQUE INDEX tender_ocid_key ON public.tender USING btree (ocid)
CREATE UNIQUE INDEX tender_pkey ON public.tender USING btree (id)
CREATE INDEX tender_settled ON public.tender USING btree (buyer_id, settled_at) WHERE (settled_at IS NOT NULL)
CREATE INDEX tender_to_close ON public.tender USING btree (deadline) WHERE ((state = 'open'::text) AND (closed_at IS NULL))
CREATE INDEX tender_undecided ON public.tender USING btree (buyer_id, deadline) WHERE ((state = 'open'::text) AND (settled_at IS NULL))
CREATE INDEX tender_unpublished ON public.tender USING btree (buyer_id, id) WHERE (state = ANY (ARRAY['draft'::text, 'submitted'::text]))
CREATE UNIQUE INDEX tender_document_pkey ON public.tender_document USING btree (id)
CREATE UNIQUE INDEX tender_document_tender_id_name_version_key ON public.tender_document USING btree (tender_id, name, version)
CREATE UNIQUE INDEX tender_extension_pkey ON public.tender_extension USING btree (id)
CREATE INDEX tender_extension_tender ON public.tender_extension USING btree (tender_id, proposed_at)
CREATE UNIQUE INDEX tender_extension_waiting ON public.tender_extension USING btree (tender_id) WHERE (decided_at IS NULL)
CREATE UNIQUE INDEX tender_number_pkey ON public.tender_number USING btree (year)
CREATE UNIQUE INDEX tender_revision_pkey ON public.tender_revision USING btree (tender_id, revision)
CREATE UNIQUE INDEX totp_pkey ON public.totp USING btree (person)
CREATE INDEX transfer_batch_made ON public.transfer_batch USING btree (made_at, id)
CREATE UNIQUE INDEX transfer_batch_pkey ON public.transfer_batch USING btree (id)
CREATE INDEX transfer_order_batch ON public.transfer_order USING btree (batch)
CREATE UNIQUE INDEX transfer_order_pkey ON public.transfer_order USING btree (refund_id)
CREATE UNIQUE INDEX transfer_order_reference_key ON public.transfer_order USING btree (reference)
CREATE INDEX upload_reservation_organisation ON public.upload_reservation USING btree (organisation, until)
CREATE UNIQUE INDEX upload_reservation_pkey ON public.upload_reservation USING btree (id)
CREATE INDEX web_session_person ON public.web_session USING btree (person)
CREATE UNIQUE INDEX web_session_pkey ON public.web_session USING btree (id)
CREATE UNIQUE INDEX web_session_token_sha256_key ON public.web_session USING btree (token_sha256)
CREATE UNIQUE INDEX webhook_organisation_url_key ON public.webhook USING btree (organisation, url)
CREATE UNIQUE INDEX webhook_pkey ON public.webhook USING btree (id)
CREATE INDEX webhook_delivery_last ON public.webhook_delivery USING btree (webhook, last_at)
CREATE UNIQUE INDEX webhook_delivery_pkey ON public.webhook_delivery USING btree (webhook, message)
CREATE UNIQUE INDEX webhook_secret_pkey ON public.webhook_secret USING btree (webhook, secret)

-- triggers
CREATE TRIGGER access_review_is_final BEFORE DELETE OR UPDATE ON public.access_review FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER access_review_is_not_emptied BEFORE TRUNCATE ON public.access_review FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER answer_is_final BEFORE DELETE OR UPDATE ON public.answer FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER answer_stays BEFORE TRUNCATE ON public.answer FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER award_is_kept BEFORE DELETE ON public.award FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER award_stands BEFORE UPDATE ON public.award FOR EACH ROW EXECUTE FUNCTION award_stands()
CREATE TRIGGER award_stays BEFORE TRUNCATE ON public.award FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER award_hold_is_kept BEFORE DELETE ON public.award_hold FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bank_line_is_kept BEFORE DELETE ON public.bank_line FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bank_statement_is_final BEFORE DELETE OR UPDATE ON public.bank_statement FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bank_statement_stays BEFORE TRUNCATE ON public.bank_statement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bid_is_final BEFORE DELETE OR UPDATE ON public.bid FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bid_stays BEFORE TRUNCATE ON public.bid FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER stamp_in_time BEFORE INSERT ON public.bid FOR EACH ROW EXECUTE FUNCTION stamp_in_time()
CREATE TRIGGER bid_closing_is_final BEFORE DELETE OR UPDATE ON public.bid_closing FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bid_closing_stays BEFORE TRUNCATE ON public.bid_closing FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bid_financial_is_apart BEFORE INSERT ON public.bid_financial FOR EACH ROW WHEN ((new.lot = ''::text)) EXECUTE FUNCTION must_be_priced_apart()
CREATE TRIGGER bid_financial_is_final BEFORE DELETE OR UPDATE ON public.bid_financial FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bid_financial_stays BEFORE TRUNCATE ON public.bid_financial FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bid_part_is_final BEFORE DELETE OR UPDATE ON public.bid_part FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bid_part_stays BEFORE TRUNCATE ON public.bid_part FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bid_receipt_is_final BEFORE DELETE OR UPDATE ON public.bid_receipt FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bid_receipt_stays BEFORE TRUNCATE ON public.bid_receipt FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bid_recovery_stands BEFORE UPDATE ON public.bid_recovery FOR EACH ROW WHEN ((old.put_out_at IS NOT NULL)) EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bid_withdrawal_is_final BEFORE DELETE OR UPDATE ON public.bid_withdrawal FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER bid_withdrawal_stays BEFORE TRUNCATE ON public.bid_withdrawal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER stamp_in_time BEFORE INSERT ON public.bid_withdrawal FOR EACH ROW EXECUTE FUNCTION stamp_in_time()
CREATE CONSTRAINT TRIGGER book_entry_balances AFTER INSERT ON public.book_entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION books_balance()
CREATE TRIGGER book_entry_is_final BEFORE DELETE OR UPDATE ON public.book_entry FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER book_entry_stays BEFORE TRUNCATE ON public.book_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE CONSTRAINT TRIGGER book_posting_balances AFTER INSERT ON public.book_posting DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION books_balance()
CREATE TRIGGER book_posting_is_final BEFORE DELETE OR UPDATE ON public.book_posting FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER book_posting_stays BEFORE TRUNCATE ON public.book_posting FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER charge_is_kept BEFORE DELETE ON public.charge FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER watermark_rises BEFORE UPDATE ON public.clock_watermark FOR EACH ROW EXECUTE FUNCTION watermark_rises()
CREATE TRIGGER contract_is_kept BEFORE DELETE ON public.contract FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER contract_stays BEFORE TRUNCATE ON public.contract FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER signature_stands BEFORE UPDATE ON public.contract FOR EACH ROW EXECUTE FUNCTION signature_stands()
CREATE TRIGGER criterion_only_in_a_draft BEFORE INSERT OR DELETE OR UPDATE ON public.criterion FOR EACH ROW EXECUTE FUNCTION only_in_a_draft()
CREATE TRIGGER demo_secret_only_in_a_sandbox BEFORE INSERT OR UPDATE ON public.demo_secret FOR EACH ROW EXECUTE FUNCTION only_in_a_sandbox()
CREATE TRIGGER dispute_is_kept BEFORE DELETE ON public.dispute FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER verdict_stays BEFORE DELETE OR UPDATE ON public.document_scan FOR EACH ROW EXECUTE FUNCTION verdict_stays()
CREATE TRIGGER verdict_stays_whole BEFORE TRUNCATE ON public.document_scan FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER evaluation_is_kept BEFORE DELETE ON public.evaluation FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER result_stands BEFORE UPDATE ON public.evaluation FOR EACH ROW EXECUTE FUNCTION result_stands()
CREATE TRIGGER financial_opening_goes_forward BEFORE DELETE OR UPDATE ON public.financial_opening FOR EACH ROW EXECUTE FUNCTION financial_opening_goes_forward()
CREATE TRIGGER financial_opening_stays BEFORE TRUNCATE ON public.financial_opening FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER forfeiture_is_kept BEFORE DELETE ON public.forfeiture FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER former_name_is_final BEFORE DELETE OR UPDATE ON public.former_name FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER former_name_is_not_emptied BEFORE TRUNCATE ON public.former_name FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER inbox_message_is_final BEFORE DELETE OR UPDATE ON public.inbox_message FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER inbox_message_is_not_emptied BEFORE TRUNCATE ON public.inbox_message FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER inbox_reading_is_final BEFORE DELETE OR UPDATE ON public.inbox_reading FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER inbox_reading_is_not_emptied BEFORE TRUNCATE ON public.inbox_reading FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER incident_note_is_final BEFORE DELETE OR UPDATE ON public.incident_note FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER incident_note_is_not_emptied BEFORE TRUNCATE ON public.incident_note FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER installation_is_final BEFORE DELETE OR UPDATE ON public.installation FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER installation_is_not_emptied BEFORE TRUNCATE ON public.installation FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER item_only_in_a_draft BEFORE INSERT OR DELETE OR UPDATE ON public.item FOR EACH ROW EXECUTE FUNCTION only_in_a_draft()
CREATE TRIGGER key_holder_is_final BEFORE UPDATE ON public.key_holder FOR EACH ROW WHEN ((((((((((new.id IS DISTINCT FROM old.id) OR (new.person_id IS DISTINCT FROM old.person_id)) OR (new.organisation IS DISTINCT FROM old.organisation)) OR (new.office IS DISTINCT FROM old.office)) OR (new.age IS DISTINCT FROM old.age)) OR (new.sign IS DISTINCT FROM old.sign)) OR (new.fingerprint IS DISTINCT FROM old.fingerprint)) OR (new.enrolled_at IS DISTINCT FROM old.enrolled_at)) OR ((old.confirmed_at IS NOT NULL) AND (new.confirmed_at IS DISTINCT FROM old.confirmed_at)) OR ((old.confirmed_by IS NOT NULL) AND (new.confirmed_by IS DISTINCT FROM old.confirmed_by)) OR (old.ended_at IS NOT NULL))) EXECUTE FUNCTION refuse_change()
CREATE TRIGGER key_holder_stays BEFORE DELETE ON public.key_holder FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER key_holder_stays_whole BEFORE TRUNCATE ON public.key_holder FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER ledger_checkpoint_is_final BEFORE DELETE OR UPDATE ON public.ledger_checkpoint FOR EACH ROW EXECUTE FUNCTION checkpoint_is_signed_once()
CREATE TRIGGER ledger_checkpoint_is_not_emptied BEFORE TRUNCATE ON public.ledger_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER ledger_cosignature_is_final BEFORE DELETE OR UPDATE ON public.ledger_cosignature FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER ledger_cosignature_is_not_emptied BEFORE TRUNCATE ON public.ledger_cosignature FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER ledger_disclosure_is_final BEFORE DELETE OR UPDATE ON public.ledger_disclosure FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER ledger_disclosure_is_not_emptied BEFORE TRUNCATE ON public.ledger_disclosure FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER ledger_leaf_is_final BEFORE DELETE OR UPDATE ON public.ledger_leaf FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER ledger_leaf_is_not_emptied BEFORE TRUNCATE ON public.ledger_leaf FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER ledger_origin_is_final BEFORE DELETE OR UPDATE ON public.ledger_origin FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER ledger_origin_is_not_emptied BEFORE TRUNCATE ON public.ledger_origin FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER ledger_record_is_final BEFORE DELETE OR UPDATE ON public.ledger_record FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER ledger_record_is_not_emptied BEFORE TRUNCATE ON public.ledger_record FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER ledger_tile_is_not_emptied BEFORE TRUNCATE ON public.ledger_tile FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER ledger_tile_only_grows BEFORE DELETE OR UPDATE ON public.ledger_tile FOR EACH ROW EXECUTE FUNCTION tile_only_grows()
CREATE TRIGGER ledger_timestamp_is_final BEFORE DELETE OR UPDATE ON public.ledger_timestamp FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER ledger_timestamp_is_not_emptied BEFORE TRUNCATE ON public.ledger_timestamp FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER hold_only_lifts BEFORE DELETE OR UPDATE ON public.legal_hold FOR EACH ROW EXECUTE FUNCTION hold_only_lifts()
CREATE TRIGGER legal_hold_is_not_emptied BEFORE TRUNCATE ON public.legal_hold FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER lot_only_in_a_draft BEFORE INSERT OR DELETE OR UPDATE ON public.lot FOR EACH ROW EXECUTE FUNCTION only_in_a_draft()
CREATE TRIGGER opened_bid_is_final BEFORE DELETE OR UPDATE ON public.opened_bid FOR EACH ROW EXECUTE FUNCTION opened_stays()
CREATE TRIGGER opened_bid_stays BEFORE TRUNCATE ON public.opened_bid FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER opened_document_is_final BEFORE DELETE OR UPDATE ON public.opened_document FOR EACH ROW EXECUTE FUNCTION opened_stays()
CREATE TRIGGER opened_document_stays BEFORE TRUNCATE ON public.opened_document FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER opened_price_is_final BEFORE DELETE OR UPDATE ON public.opened_price FOR EACH ROW EXECUTE FUNCTION opened_price_stays()
CREATE TRIGGER opened_price_stays BEFORE TRUNCATE ON public.opened_price FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER opening_goes_forward BEFORE DELETE OR UPDATE ON public.opening FOR EACH ROW EXECUTE FUNCTION opening_goes_forward()
CREATE TRIGGER opening_stays BEFORE TRUNCATE ON public.opening FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER opening_paper_stays BEFORE DELETE OR UPDATE ON public.opening_paper FOR EACH ROW EXECUTE FUNCTION opening_paper_stays()
CREATE TRIGGER opening_paper_stays_whole BEFORE TRUNCATE ON public.opening_paper FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER payment_is_kept BEFORE DELETE ON public.payment FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER price_recovery_stands BEFORE UPDATE ON public.price_recovery FOR EACH ROW WHEN ((old.put_out_at IS NOT NULL)) EXECUTE FUNCTION refuse_change()
CREATE TRIGGER price_shares_given_grow BEFORE UPDATE ON public.price_shares_given FOR EACH ROW WHEN ((((new.tender_id IS DISTINCT FROM old.tender_id) OR (new.member IS DISTINCT FROM old.member)) OR (new.shares <= old.shares))) EXECUTE FUNCTION refuse_change()
CREATE TRIGGER price_shares_given_is_kept BEFORE DELETE ON public.price_shares_given FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER price_shares_given_stays BEFORE TRUNCATE ON public.price_shares_given FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER question_is_final BEFORE DELETE OR UPDATE ON public.question FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER question_stays BEFORE TRUNCATE ON public.question FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER receipt_is_final BEFORE DELETE OR UPDATE ON public.receipt FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER receipt_stays BEFORE TRUNCATE ON public.receipt FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refund_is_kept BEFORE DELETE ON public.refund FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER release_is_final BEFORE DELETE OR UPDATE ON public.release FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER release_is_not_emptied BEFORE TRUNCATE ON public.release FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER frozen_roster_stays BEFORE DELETE ON public.roster FOR EACH ROW WHEN ((old.frozen_at IS NOT NULL)) EXECUTE FUNCTION refuse_change()
CREATE TRIGGER roster_is_final BEFORE UPDATE ON public.roster FOR EACH ROW WHEN (((old.frozen_at IS NOT NULL) AND ((((((((new.subject IS DISTINCT FROM old.subject) OR (new.process IS DISTINCT FROM old.process)) OR (new.buyer IS DISTINCT FROM old.buyer)) OR (new.level IS DISTINCT FROM old.level)) OR (new.quorum IS DISTINCT FROM old.quorum)) OR (new.sha256 IS DISTINCT FROM old.sha256)) OR (new.content IS DISTINCT FROM old.content)) OR (new.frozen_at IS DISTINCT FROM old.frozen_at)))) EXECUTE FUNCTION refuse_change()
CREATE TRIGGER frozen_seats_stay BEFORE INSERT OR DELETE OR UPDATE ON public.roster_seat FOR EACH ROW EXECUTE FUNCTION frozen_seats_stay()
CREATE TRIGGER rulebook_is_final BEFORE DELETE OR UPDATE ON public.rulebook FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER rulebook_stays BEFORE TRUNCATE ON public.rulebook FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER rulebook_activation_is_final BEFORE DELETE OR UPDATE ON public.rulebook_activation FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER rulebook_activation_stays BEFORE TRUNCATE ON public.rulebook_activation FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER rulebook_proposal_is_final BEFORE DELETE OR UPDATE ON public.rulebook_proposal FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER rulebook_proposal_stays BEFORE TRUNCATE ON public.rulebook_proposal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER sandbox_clock_is_final BEFORE DELETE OR UPDATE ON public.sandbox_clock FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER sandbox_clock_is_not_emptied BEFORE TRUNCATE ON public.sandbox_clock FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER sandbox_clock_moves_forward BEFORE INSERT ON public.sandbox_clock FOR EACH ROW EXECUTE FUNCTION sandbox_clock_moves_forward()
CREATE TRIGGER score_stays BEFORE TRUNCATE ON public.score FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER sheet_is_open BEFORE INSERT OR DELETE OR UPDATE ON public.score FOR EACH ROW EXECUTE FUNCTION sheet_is_open()
CREATE TRIGGER seal_key_end_stays BEFORE DELETE OR UPDATE ON public.seal_key_end FOR EACH ROW EXECUTE FUNCTION seal_key_end_stays()
CREATE TRIGGER seal_key_end_stays_whole BEFORE TRUNCATE ON public.seal_key_end FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER service_mode_is_final BEFORE DELETE OR UPDATE ON public.service_mode FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER service_mode_is_not_emptied BEFORE TRUNCATE ON public.service_mode FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER shares_given_grow BEFORE UPDATE ON public.shares_given FOR EACH ROW WHEN ((((new.tender_id IS DISTINCT FROM old.tender_id) OR (new.member IS DISTINCT FROM old.member)) OR (new.shares <= old.shares))) EXECUTE FUNCTION refuse_change()
CREATE TRIGGER shares_given_is_kept BEFORE DELETE ON public.shares_given FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER shares_given_stays BEFORE TRUNCATE ON public.shares_given FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER staged_removal_is_final BEFORE DELETE OR UPDATE ON public.staged_removal FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER staged_removal_stays BEFORE TRUNCATE ON public.staged_removal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER technical_result_stands BEFORE DELETE OR UPDATE ON public.technical_result FOR EACH ROW EXECUTE FUNCTION technical_result_stands()
CREATE TRIGGER technical_result_stays BEFORE TRUNCATE ON public.technical_result FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER published_deposit_is_final BEFORE UPDATE ON public.tender FOR EACH ROW WHEN (((old.published_at IS NOT NULL) AND (new.deposit_amount IS DISTINCT FROM old.deposit_amount))) EXECUTE FUNCTION refuse_change()
CREATE TRIGGER published_financial_recipient_is_final BEFORE UPDATE ON public.tender FOR EACH ROW WHEN (((old.published_at IS NOT NULL) AND (new.financial_recipient IS DISTINCT FROM old.financial_recipient))) EXECUTE FUNCTION refuse_change()
CREATE TRIGGER tender_is_kept BEFORE DELETE ON public.tender FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER tender_keeps_its_word BEFORE INSERT OR UPDATE ON public.tender FOR EACH ROW EXECUTE FUNCTION tender_keeps_its_word()
CREATE TRIGGER tender_stays BEFORE TRUNCATE ON public.tender FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER document_is_published_once BEFORE UPDATE ON public.tender_document FOR EACH ROW EXECUTE FUNCTION document_is_published_once()
CREATE TRIGGER tender_document_only_in_a_draft BEFORE INSERT OR DELETE ON public.tender_document FOR EACH ROW EXECUTE FUNCTION only_in_a_draft()
CREATE TRIGGER extension_is_decided_once BEFORE UPDATE ON public.tender_extension FOR EACH ROW EXECUTE FUNCTION extension_is_decided_once()
CREATE TRIGGER tender_revision_is_final BEFORE DELETE OR UPDATE ON public.tender_revision FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER tender_revision_stays BEFORE TRUNCATE ON public.tender_revision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER transfer_batch_is_final BEFORE DELETE OR UPDATE ON public.transfer_batch FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER transfer_batch_stays BEFORE TRUNCATE ON public.transfer_batch FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER transfer_order_is_kept BEFORE DELETE ON public.transfer_order FOR EACH ROW EXECUTE FUNCTION refuse_change()

-- functions
CREATE OR REPLACE FUNCTION public.award_stands()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF OLD.announced_at IS NOT NULL OR OLD.returned_at IS NOT NULL THEN
            RAISE EXCEPTION 'a decided award is final' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.books_balance()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    DECLARE
        looked_at bigint;
    BEGIN
        IF TG_TABLE_NAME = 'book_entry' THEN looked_at := NEW.id; ELSE looked_at := NEW.entry; END IF;
        IF NOT EXISTS (SELECT FROM public.book_posting WHERE entry = looked_at)
            OR EXISTS (
                SELECT FROM public.book_posting WHERE entry = looked_at GROUP BY currency HAVING sum(amount) <> 0
            )
        THEN
            RAISE EXCEPTION 'entry % of the books does not sum to zero', looked_at
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END
    $function$
CREATE OR REPLACE FUNCTION public.checkpoint_is_signed_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.note IS NOT NULL OR (OLD.size, OLD.root, OLD.at) <> (NEW.size, NEW.root, NEW.at) THEN
            RAISE EXCEPTION 'a checkpoint is final' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.document_is_published_once()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF OLD.published_at IS NOT NULL
            OR to_jsonb(NEW) - 'published_at' IS DISTINCT FROM to_jsonb(OLD) - 'published_at' THEN
            RAISE EXCEPTION 'a document is final' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.extension_is_decided_once()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF OLD.decided_at IS NOT NULL THEN
            RAISE EXCEPTION 'a decision is final' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.financial_opening_goes_forward()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.shown_at IS NOT NULL
            OR (OLD.tender_id, OLD.record_id, OLD.decided_at, OLD.passed)
                IS DISTINCT FROM (NEW.tender_id, NEW.record_id, NEW.decided_at, NEW.passed)
            OR (OLD.confirmed_at IS NOT NULL
                AND (OLD.requested_by, OLD.requested_at, OLD.confirmed_by, OLD.confirmed_at)
                IS DISTINCT FROM (NEW.requested_by, NEW.requested_at, NEW.confirmed_by, NEW.confirmed_at))
            OR (OLD.released_at IS NOT NULL AND OLD.released_at IS DISTINCT FROM NEW.released_at)
            OR (OLD.shared_at IS NOT NULL AND OLD.shared_at IS DISTINCT FROM NEW.shared_at)
            OR (NEW.shared_at IS NOT NULL AND NEW.released_at IS NULL)
        THEN
            RAISE EXCEPTION 'an opening only goes forward' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.frozen_seats_stay()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    DECLARE
        frozen timestamptz;
    BEGIN
        SELECT frozen_at INTO frozen FROM public.roster WHERE subject = coalesce(NEW.subject, OLD.subject) FOR SHARE;
        IF frozen IS NOT NULL THEN
            RAISE EXCEPTION 'the roster of % is frozen', coalesce(NEW.subject, OLD.subject)
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN coalesce(NEW, OLD);
    END $function$
CREATE OR REPLACE FUNCTION public.hold_only_lifts()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.lifted_at IS NOT NULL
            OR (OLD.id, OLD.about, OLD.subject, OLD.reason, OLD.placed_by, OLD.placed_at)
            IS DISTINCT FROM (NEW.id, NEW.about, NEW.subject, NEW.reason, NEW.placed_by, NEW.placed_at) THEN
            RAISE EXCEPTION 'a hold can only be lifted' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.legal_now()
 RETURNS timestamp with time zone
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT clock_timestamp() + coalesce((SELECT offset_by FROM public.sandbox_clock ORDER BY id DESC LIMIT 1), interval '0') $function$
CREATE OR REPLACE FUNCTION public.must_be_priced_apart()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF (SELECT count(*) FROM public.lot JOIN public.bid USING (tender_id) WHERE bid.id = NEW.bid_id) > 1 THEN
            RAISE EXCEPTION 'each lot has a financial envelope of its own'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.only_in_a_draft()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    DECLARE
        row_tender text := coalesce(to_jsonb(OLD), to_jsonb(NEW)) ->> 'tender_id';
    BEGIN
        PERFORM 1 FROM public.tender WHERE id = row_tender AND state = 'draft' FOR SHARE;
        IF NOT FOUND OR TG_OP = 'UPDATE' AND to_jsonb(NEW) ->> 'tender_id' <> row_tender THEN
            RAISE EXCEPTION 'only a draft can be changed' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END
    $function$
CREATE OR REPLACE FUNCTION public.only_in_a_sandbox()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF NOT (SELECT sandbox FROM public.installation) THEN
            RAISE EXCEPTION '% is for sandboxes', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.opened_price_stays()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF TG_OP = 'DELETE' AND EXISTS (
            SELECT FROM public.financial_opening
            JOIN public.tender ON tender.id = financial_opening.tender_id
            WHERE financial_opening.tender_id = OLD.tender_id
                AND financial_opening.shown_at IS NULL AND tender.cancelled_at IS NOT NULL
        ) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'what was opened stays' USING ERRCODE = 'integrity_constraint_violation';
    END
    $function$
CREATE OR REPLACE FUNCTION public.opened_stays()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF TG_OP = 'DELETE' AND public.will_never_be_shown(OLD.bid_id) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'what was opened stays' USING ERRCODE = 'integrity_constraint_violation';
    END
    $function$
CREATE OR REPLACE FUNCTION public.opening_goes_forward()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.tender_id <> NEW.tender_id OR OLD.leaf <> NEW.leaf
            OR OLD.shown_at IS NOT NULL
            OR (OLD.confirmed_at IS NOT NULL
                AND (OLD.requested_by, OLD.requested_at, OLD.confirmed_by, OLD.confirmed_at)
                IS DISTINCT FROM (NEW.requested_by, NEW.requested_at, NEW.confirmed_by, NEW.confirmed_at))
            OR (OLD.released_at IS NOT NULL AND OLD.released_at IS DISTINCT FROM NEW.released_at)
            OR (OLD.shared_at IS NOT NULL AND OLD.shared_at IS DISTINCT FROM NEW.shared_at)
            OR (NEW.shared_at IS NOT NULL AND NEW.released_at IS NULL) THEN
            RAISE EXCEPTION 'an opening only goes forward' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.opening_paper_stays()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.sha256 IS NOT NULL
            OR (OLD.tender_id, OLD.record_id) <> (NEW.tender_id, NEW.record_id)
        THEN
            RAISE EXCEPTION 'a written opening record stays' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END
    $function$
CREATE OR REPLACE FUNCTION public.result_stands()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF OLD.concluded_at IS NOT NULL AND (NEW.concluded_at, NEW.concluded_by, NEW.ranking)
            IS DISTINCT FROM (OLD.concluded_at, OLD.concluded_by, OLD.ranking) THEN
            RAISE EXCEPTION 'the evaluation is concluded' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.sandbox_clock_moves_forward()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        LOCK TABLE public.sandbox_clock IN SHARE ROW EXCLUSIVE MODE;
        IF NOT (SELECT sandbox FROM public.installation) THEN
            RAISE EXCEPTION 'only a sandbox has a movable clock' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.offset_by <= (SELECT offset_by FROM public.sandbox_clock ORDER BY id DESC LIMIT 1) THEN
            RAISE EXCEPTION 'legal time only moves forward' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.seal_key_end_stays()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF TG_OP = 'DELETE' OR (OLD.destroyed_at IS NOT NULL AND (NEW.destroyed_at >= OLD.destroyed_at) IS NOT TRUE)
            OR (OLD.tender_id, OLD.record_id, OLD.ended_at)
                IS DISTINCT FROM (NEW.tender_id, NEW.record_id, NEW.ended_at)
        THEN
            RAISE EXCEPTION 'the end of a sealing key stays' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.sheet_is_open()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    DECLARE
        sheet record := CASE WHEN TG_OP = 'INSERT' THEN NEW ELSE OLD END;
    BEGIN
        IF EXISTS (SELECT FROM public.evaluator e WHERE e.tender_id = sheet.tender_id
                AND e.person_id = sheet.person_id AND e.locked_at IS NOT NULL) THEN
            RAISE EXCEPTION 'the scores are locked' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END
    $function$
CREATE OR REPLACE FUNCTION public.signature_stands()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF OLD.buyer_signer IS NOT NULL AND (NEW.buyer_signer, NEW.buyer_signed_at)
                IS DISTINCT FROM (OLD.buyer_signer, OLD.buyer_signed_at)
            OR OLD.supplier_signer IS NOT NULL AND (NEW.supplier_signer, NEW.supplier_signed_at)
                IS DISTINCT FROM (OLD.supplier_signer, OLD.supplier_signed_at) THEN
            RAISE EXCEPTION 'a signature is final' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.stamp_in_time()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    DECLARE
        tender_deadline timestamptz;
        tender_closed_at timestamptz;
        tender_state text;
        seen timestamptz;
    BEGIN
        SELECT deadline, closed_at, state INTO STRICT tender_deadline, tender_closed_at, tender_state
            FROM public.tender WHERE id = NEW.tender_id FOR SHARE;
        SELECT at INTO STRICT seen FROM public.clock_watermark;
        NEW.received_at := public.legal_now();
        NEW.deadline_applied := tender_deadline;
        IF (NEW.received_at >= seen) IS NOT TRUE THEN
            RAISE EXCEPTION 'the clock is behind the highest time seen' USING ERRCODE = 'PB003';
        END IF;
        IF tender_state IS DISTINCT FROM 'open' OR tender_deadline IS NULL THEN
            RAISE EXCEPTION 'the tender is not open' USING ERRCODE = 'PB002';
        END IF;
        IF tender_closed_at IS NOT NULL OR (NEW.received_at < tender_deadline) IS NOT TRUE THEN
            RAISE EXCEPTION 'late' USING ERRCODE = 'PB001',
                DETAIL = json_build_object('attempted_at', NEW.received_at, 'deadline', tender_deadline)::text;
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.technical_result_stands()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF OLD.decided_at IS NOT NULL THEN
            RAISE EXCEPTION 'a technical decision stands' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN COALESCE(NEW, OLD);
    END
    $function$
CREATE OR REPLACE FUNCTION public.tender_keeps_its_word()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NEW.state <> 'draft' THEN
                RAISE EXCEPTION 'a tender begins as a draft' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END IF;
        IF (NEW.id, NEW.ocid, NEW.created_by, NEW.created_at)
            IS DISTINCT FROM (OLD.id, OLD.ocid, OLD.created_by, OLD.created_at) THEN
            RAISE EXCEPTION 'a tender stays what it is' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.buyer_id <> OLD.buyer_id AND (OLD.published_at IS NOT NULL OR NOT EXISTS (
            SELECT FROM public.organisation WHERE id = OLD.buyer_id AND merged_into = NEW.buyer_id)) THEN
            RAISE EXCEPTION 'a tender stays with its buyer' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN
            (('draft', 'submitted'), ('submitted', 'draft'), ('submitted', 'open'), ('open', 'cancelled')) THEN
            RAISE EXCEPTION 'a tender cannot go from % to %', OLD.state, NEW.state
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF OLD.published_at IS NULL THEN
            RETURN NEW;
        END IF;
        IF (NEW.published_at, NEW.published_by, NEW.rulebook_id, NEW.rulebook_sha256, NEW.procedure, NEW.seal_level,
                NEW.keyholder_recipient, NEW.title, NEW.description, NEW.category, NEW.value_amount,
                NEW.value_currency, NEW.procedure_name, NEW.award_method, NEW.contract_terms)
            IS DISTINCT FROM (OLD.published_at, OLD.published_by, OLD.rulebook_id, OLD.rulebook_sha256, OLD.procedure,
                OLD.seal_level, OLD.keyholder_recipient, OLD.title, OLD.description, OLD.category, OLD.value_amount,
                OLD.value_currency, OLD.procedure_name, OLD.award_method, OLD.contract_terms) THEN
            RAISE EXCEPTION 'what was published is final' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.revision < OLD.revision OR (NEW.deadline >= OLD.deadline) IS NOT TRUE
            OR (NEW.opening_at >= OLD.opening_at) IS NOT TRUE
            OR (NEW.question_deadline >= OLD.question_deadline) IS NOT TRUE THEN
            RAISE EXCEPTION 'a deadline is never shortened' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.deadline > OLD.deadline AND (OLD.closed_at IS NOT NULL OR OLD.state <> 'open'
            OR (public.legal_now() < OLD.deadline) IS NOT TRUE) THEN
            RAISE EXCEPTION 'a deadline that has passed is final' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at
            OR OLD.settled_at IS NOT NULL AND NEW.settled_at IS DISTINCT FROM OLD.settled_at THEN
            RAISE EXCEPTION 'a latch is never taken back' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF OLD.closed_at IS NULL AND NEW.closed_at < OLD.deadline THEN
            RAISE EXCEPTION 'a tender closes at its deadline, not before'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF OLD.settled_at IS NOT NULL AND NEW.state = 'cancelled' THEN
            RAISE EXCEPTION 'a settled tender cannot be cancelled' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.tile_only_grows()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    BEGIN
        IF TG_OP = 'DELETE' OR (OLD.level, OLD.tile_index) <> (NEW.level, NEW.tile_index)
            OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes THEN
            RAISE EXCEPTION 'a tile only grows' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.verdict_stays()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        IF TG_OP = 'DELETE' AND public.will_never_be_shown(OLD.bid_id) THEN
            RETURN OLD;
        END IF;
        IF TG_OP = 'DELETE' OR (OLD.bid_id, OLD.number) <> (NEW.bid_id, NEW.number)
            OR OLD.verdict NOT IN ('unanswered', 'no-scanner')
        THEN
            RAISE EXCEPTION 'a verdict on a document stays' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.watermark_rises()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    BEGIN
        NEW.at := greatest(OLD.at, NEW.at);
        RETURN NEW;
    END
    $function$
CREATE OR REPLACE FUNCTION public.will_never_be_shown(bid text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
        SELECT EXISTS (
            SELECT FROM public.opened_bid
            JOIN public.opening ON opening.tender_id = opened_bid.tender_id
            JOIN public.tender ON tender.id = opened_bid.tender_id
            WHERE opened_bid.bid_id = bid AND opening.shown_at IS NULL AND tender.cancelled_at IS NOT NULL
        )
    $function$

-- privileges
access_review to procurement_app: INSERT, SELECT
alembic_version to procurement_app: SELECT
alembic_version to procurement_sequencer: SELECT
answer to procurement_app: INSERT, SELECT
api_token to procurement_app: DELETE, INSERT, SELECT
availability to procurement_app: DELETE, INSERT, SELECT, UPDATE
award to procurement_app: INSERT, SELECT
award_hold to procurement_app: INSERT, SELECT
bank_line to procurement_app: INSERT, SELECT
bank_statement to procurement_app: INSERT, SELECT
bid to procurement_app: INSERT, SELECT
bid_closing to procurement_app: INSERT, SELECT
bid_draft to procurement_app: DELETE, INSERT, SELECT, UPDATE
bid_financial to procurement_app: INSERT, SELECT
bid_part to procurement_app: INSERT, SELECT
bid_receipt to procurement_app: INSERT, SELECT
bid_recovery to procurement_app: INSERT, SELECT, UPDATE
bid_withdrawal to procurement_app: INSERT, SELECT
bidder to procurement_app: INSERT, SELECT, UPDATE
book_entry to procurement_app: INSERT, SELECT
book_posting to procurement_app: INSERT, SELECT
calendar_feed to procurement_app: DELETE, INSERT, SELECT
card_attempt to procurement_app: INSERT, SELECT
card_difference to procurement_app: INSERT, SELECT
card_event to procurement_app: DELETE, INSERT, SELECT
card_reconciliation to procurement_app: INSERT, SELECT
card_work to procurement_app: DELETE, INSERT, SELECT, UPDATE
charge to procurement_app: INSERT, SELECT
classification to procurement_app: DELETE, INSERT, SELECT, UPDATE
clock_watermark to procurement_app: SELECT, UPDATE
compliance to procurement_app: INSERT, SELECT
consensus to procurement_app: INSERT, SELECT
contract to procurement_app: INSERT, SELECT
criterion to procurement_app: DELETE, INSERT, SELECT, UPDATE
delegation to procurement_app: INSERT, SELECT
demo_secret to procurement_app: INSERT, SELECT
derivation to procurement_app: INSERT, SELECT, UPDATE
dispute to procurement_app: INSERT, SELECT
document_scan to procurement_app: DELETE, INSERT, SELECT, UPDATE
draft_warning to procurement_app: DELETE, INSERT, SELECT
erased_file to procurement_app: INSERT, SELECT
evaluation to procurement_app: INSERT, SELECT
evaluator to procurement_app: INSERT, SELECT
feedback to procurement_app: DELETE, INSERT, SELECT
financial_opening to procurement_app: INSERT, SELECT, UPDATE
follow to procurement_app: DELETE, INSERT, SELECT
forfeiture to procurement_app: INSERT, SELECT
former_name to procurement_app: INSERT, SELECT
holder_challenge to procurement_app: DELETE, INSERT, SELECT, UPDATE
idempotency to procurement_app: DELETE, INSERT, SELECT
imported_release to procurement_app: INSERT, SELECT
inbox_message to procurement_app: INSERT, SELECT
inbox_reading to procurement_app: INSERT, SELECT
incident to procurement_app: INSERT, SELECT
incident_note to procurement_app: INSERT, SELECT
installation to procurement_app: SELECT
installation to procurement_sequencer: SELECT
invitation to procurement_app: DELETE, INSERT, SELECT
item to procurement_app: DELETE, INSERT, SELECT, UPDATE
kept_person to procurement_app: DELETE, INSERT, SELECT
key_holder to procurement_app: INSERT, SELECT, UPDATE
keyholder_mark to procurement_app: INSERT, SELECT, UPDATE
known_browser to procurement_app: DELETE, INSERT, SELECT
ledger_checkpoint to procurement_app: SELECT
ledger_checkpoint to procurement_sequencer: INSERT, SELECT, UPDATE
ledger_cosignature to procurement_app: SELECT
ledger_cosignature to procurement_sequencer: INSERT, SELECT
ledger_disclosure to procurement_app: INSERT, SELECT
ledger_leaf to procurement_app: SELECT
ledger_leaf to procurement_sequencer: INSERT, SELECT
ledger_origin to procurement_app: SELECT
ledger_origin to procurement_sequencer: SELECT
ledger_pending to procurement_app: INSERT, SELECT
ledger_pending to procurement_sequencer: DELETE, SELECT
ledger_record to procurement_app: INSERT, SELECT
ledger_record to procurement_sequencer: SELECT
ledger_tile to procurement_app: SELECT
ledger_tile to procurement_sequencer: INSERT, SELECT, UPDATE
ledger_timestamp to procurement_app: SELECT
ledger_timestamp to procurement_sequencer: INSERT, SELECT
legal_hold to procurement_app: INSERT, SELECT
lost_part to procurement_app: INSERT, SELECT, UPDATE
lot to procurement_app: DELETE, INSERT, SELECT, UPDATE
low_price to procurement_app: INSERT, SELECT
mail_bounce to procurement_app: DELETE, INSERT, SELECT, UPDATE
mail_copy to procurement_app: DELETE, INSERT, SELECT, UPDATE
membership to procurement_app: INSERT, SELECT
motion to procurement_app: INSERT, SELECT
news to procurement_app: DELETE, INSERT, SELECT, UPDATE
notice to procurement_app: DELETE, INSERT, SELECT, UPDATE
opened_bid to procurement_app: DELETE, INSERT, SELECT
opened_document to procurement_app: DELETE, INSERT, SELECT
opened_price to procurement_app: DELETE, INSERT, SELECT
opening to procurement_app: INSERT, SELECT, UPDATE
opening_paper to procurement_app: INSERT, SELECT, UPDATE
organisation to procurement_app: INSERT, SELECT
outage to procurement_app: DELETE, INSERT, SELECT, UPDATE
outage_proposal to procurement_app: INSERT, SELECT, UPDATE
outbox to procurement_app: DELETE, INSERT, SELECT, UPDATE
page_version to procurement_app: INSERT, SELECT, UPDATE
passkey to procurement_app: DELETE, INSERT, SELECT
passkey_challenge to procurement_app: DELETE, INSERT, SELECT
payment to procurement_app: INSERT, SELECT
person to procurement_app: INSERT, SELECT
personal_export to procurement_app: DELETE, INSERT, SELECT
price_recovery to procurement_app: INSERT, SELECT, UPDATE
price_share to procurement_app: DELETE, INSERT, SELECT, UPDATE
price_shares_given to procurement_app: INSERT, SELECT, UPDATE
provider_account to procurement_app: DELETE, INSERT, SELECT
provider_arrival to procurement_app: DELETE, INSERT, SELECT
provider_visit to procurement_app: DELETE, INSERT, SELECT
public_award to procurement_app: DELETE, INSERT, SELECT, UPDATE
public_organisation to procurement_app: DELETE, INSERT, SELECT, UPDATE
question to procurement_app: INSERT, SELECT
receipt to procurement_app: INSERT, SELECT
receipt_due to procurement_app: DELETE, INSERT, SELECT, UPDATE
receipt_number to procurement_app: INSERT, SELECT
recovery to procurement_app: DELETE, INSERT, SELECT
recovery_code to procurement_app: DELETE, INSERT, SELECT
refund to procurement_app: INSERT, SELECT
refund_account to procurement_app: DELETE, INSERT, SELECT, UPDATE
registration to procurement_app: DELETE, INSERT, SELECT
release to procurement_app: INSERT, SELECT
released_share to procurement_app: DELETE, INSERT, SELECT, UPDATE
roster to procurement_app: DELETE, INSERT, SELECT, UPDATE
roster_call to procurement_app: INSERT, SELECT
roster_seat to procurement_app: DELETE, INSERT, SELECT, UPDATE
rulebook to procurement_app: INSERT, SELECT
rulebook_activation to procurement_app: INSERT, SELECT
rulebook_proposal to procurement_app: INSERT, SELECT
sandbox_clock to procurement_app: INSERT, SELECT
sandbox_clock to procurement_sequencer: SELECT
score to procurement_app: INSERT, SELECT
seal_key_end to procurement_app: INSERT, SELECT, UPDATE
search_index to procurement_app: DELETE, INSERT, SELECT, UPDATE
search_waiting to procurement_app: DELETE, INSERT, SELECT, UPDATE
search_word to procurement_app: DELETE, INSERT, SELECT, UPDATE
service_mode to procurement_app: INSERT, SELECT
shares_given to procurement_app: INSERT, SELECT, UPDATE
sighting to procurement_app: DELETE, INSERT, SELECT, UPDATE
sign_in_challenge to procurement_app: DELETE, INSERT, SELECT
spending to procurement_app: INSERT, SELECT, UPDATE
staged_removal to procurement_app: INSERT, SELECT
supplier to procurement_app: INSERT, SELECT, UPDATE
technical_result to procurement_app: DELETE, INSERT, SELECT, UPDATE
tender to procurement_app: INSERT, SELECT, UPDATE
tender_document to procurement_app: DELETE, INSERT, SELECT
tender_extension to procurement_app: INSERT, SELECT
tender_number to procurement_app: INSERT, SELECT, UPDATE
tender_revision to procurement_app: INSERT, SELECT
totp to procurement_app: DELETE, INSERT, SELECT, UPDATE
transfer_batch to procurement_app: INSERT, SELECT
transfer_order to procurement_app: INSERT, SELECT
upload_reservation to procurement_app: DELETE, INSERT, SELECT
web_session to procurement_app: DELETE, INSERT, SELECT
webhook to procurement_app: DELETE, INSERT, SELECT
webhook_delivery to procurement_app: DELETE, INSERT, SELECT
webhook_secret to procurement_app: DELETE, INSERT, SELECT
