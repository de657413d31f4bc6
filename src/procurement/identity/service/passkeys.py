"""Passkeys: asking an authenticator, and believing its answer. Each question is good once, for one browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from webauthn import base64url_to_bytes, options_to_json
from webauthn import generate_authentication_options as to_answer
from webauthn import generate_registration_options as to_make
from webauthn import verify_authentication_response as verify_answer
from webauthn import verify_registration_response as verify_made
from webauthn.helpers import parse_authentication_credential_json, parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from procurement.identity.proof_tables import Passkey, PasskeyChallenge
from procurement.identity.rules import addresses
from procurement.identity.rules import passkeys as rules
from procurement.identity.rules.passkeys import OwnPasskey, PasskeyAdded, PasskeyRemoved, RelyingParty
from procurement.identity.rules.proofs import CHALLENGE
from procurement.identity.rules.strength import Demand
from procurement.identity.service import people, second_factor
from procurement.identity.tables import Person
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id, token_digest
from procurement.kernel.refusal import invalid, unknown

ENROL, SIGN_IN, STEP_UP = "enrol", "sign-in", "step-up"
VERIFIED = UserVerificationRequirement.REQUIRED  # a finger, a face or a PIN, every time
_PATIENCE = CHALLENGE // timedelta(milliseconds=1)


class _Response(msgspec.Struct, frozen=True):
    client_data: str = msgspec.field(name="clientDataJSON")


class _Credential(msgspec.Struct, frozen=True):
    """The one thing that is looked at before the answer is verified."""

    response: _Response


async def ask_to_make(tx: Tx, party: RelyingParty, browser: str) -> str:
    """What the browser needs to make a passkey for whoever is signed in: JSON of `PublicKeyCredentialCreationOptions`.

    Discoverable and verified ones only. Raises Refused("step-up-needed"), Refused("form-invalid") beyond MOST.
    """
    await second_factor.must_have_been_shown(tx)
    person = await people.person_row(tx, tx.actor.person)
    known = await _credentials(tx, person.id)
    if len(known) >= rules.MOST:
        raise invalid("Remove a passkey first.", label=f"{rules.MOST} passkeys are the most.")
    options = to_make(
        rp_id=party.id,
        rp_name=party.id,
        user_id=person.id.encode(),
        user_name=person.email or person.name or "",
        user_display_name=person.name or "",
        timeout=_PATIENCE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
        exclude_credentials=known,
    )
    await _expect(tx, options.challenge, browser, ENROL, person.id)
    return options_to_json(options)


async def ask(tx: Tx, party: RelyingParty, browser: str, purpose: str) -> str:
    """What the browser needs to use one: JSON of `PublicKeyCredentialRequestOptions`.

    Who signs in is unknown yet, so any passkey may answer; who steps up is asked for one of theirs.
    """
    person = tx.actor.person if purpose == STEP_UP else ""
    known = await _credentials(tx, person) if person else None
    options = to_answer(rp_id=party.id, timeout=_PATIENCE, allow_credentials=known, user_verification=VERIFIED)
    await _expect(tx, options.challenge, browser, purpose, person or None)
    return options_to_json(options)


async def spend(tx: Tx, credential: str, browser: str, purpose: str) -> bytes:
    """Use up the question that this answers, whatever comes of it; returns the challenge.

    Raises Refused("passkey-too-late") for one that was answered, is too old, or was put to another browser or person.
    """
    challenge = _challenge_of(credential)
    asked = (PasskeyChallenge.challenge_sha256 == token_digest(challenge.hex()), PasskeyChallenge.purpose == purpose)
    put_to = (PasskeyChallenge.browser_sha256 == token_digest(browser), PasskeyChallenge.expires_at > tx.real_now)
    own = PasskeyChallenge.person == tx.actor.person if purpose != SIGN_IN else PasskeyChallenge.person.is_(None)
    spent = delete(PasskeyChallenge).where(*asked, *put_to, own).returning(PasskeyChallenge.challenge_sha256)
    if await tx.session.scalar(spent) is None:
        raise rules.too_late()
    return challenge


async def add(tx: Tx, party: RelyingParty, challenge: bytes, credential: str, label: str) -> list[str]:
    """Enrol a passkey under a name; returns recovery codes, to be shown once, when it is the first second factor.

    Raises Refused("passkey-refused"), Refused("form-invalid") for the name, Refused("step-up-needed").
    """
    await second_factor.must_have_been_shown(tx)
    name = addresses.name(label, "label")[: rules.LONGEST_LABEL]
    with _sent_by_anybody():
        made = verify_made(
            credential=credential, expected_challenge=challenge, expected_rp_id=party.id,
            expected_origin=party.origin, require_user_verification=True,
        )  # fmt: skip
    first = not await second_factor.is_on(tx, tx.actor.person)
    row: dict[str, object] = {"id": new_id(), "person": tx.actor.person, "label": name}
    row |= {"credential_id": made.credential_id}
    row |= {"public_key": made.credential_public_key, "sign_count": made.sign_count, "created_at": tx.real_now}
    stored = insert(Passkey).values(**row).on_conflict_do_nothing().returning(Passkey.id)
    passkey = await tx.session.scalar(stored)
    if passkey is None:
        raise rules.refused()  # this credential is enrolled, perhaps by somebody else
    await tx.record(PasskeyAdded(passkey=passkey, person=tx.actor.person))
    return await second_factor.first_recovery_codes(tx) if first else []


async def answered(tx: Tx, party: RelyingParty, challenge: bytes, credential: str) -> str:
    """The person whose passkey answered. Refused("passkey-refused") whatever is wrong with it."""
    row = await _of(tx, credential)
    with _sent_by_anybody():
        proved = verify_answer(
            credential=credential, expected_challenge=challenge, expected_rp_id=party.id,
            expected_origin=party.origin, credential_public_key=row.public_key,
            credential_current_sign_count=0, require_user_verification=True,
        )  # fmt: skip
    if not rules.has_moved(row.sign_count, proved.new_sign_count):  # after the signature: nobody else blocks a passkey
        raise rules.copied(row.id, row.person)
    row.sign_count, row.last_used_at = proved.new_sign_count, tx.real_now
    return row.person


async def own(tx: Tx) -> list[OwnPasskey]:
    """One's own, the oldest first."""
    tx.actor.must_be_somebody()
    rows = await tx.session.scalars(
        select(Passkey).where(Passkey.person == tx.actor.person).order_by(Passkey.created_at, Passkey.id)
    )
    return [OwnPasskey(one.id, one.label, one.created_at, one.last_used_at, bool(one.suspected_at)) for one in rows]


async def remove(tx: Tx, passkey_id: str, demand: Demand) -> None:
    """Forget one of one's own. Refused("passkey-unknown"), Refused("last-factor"), Refused("step-up-needed")."""
    await second_factor.must_have_been_shown(tx)
    await people.person_row(tx, tx.actor.person, lock=True)  # two removals at once must not each find the other
    gone = delete(Passkey).where(Passkey.person == tx.actor.person, Passkey.id == passkey_id).returning(Passkey.id)
    if await tx.session.scalar(gone) is None:
        raise unknown("passkey")
    await second_factor.must_still_be_strong(tx, demand)
    await tx.record(PasskeyRemoved(passkey=passkey_id, person=tx.actor.person))


async def suspect(tx: Tx, passkey_id: str) -> Passkey | None:
    """Believe it no more; None when it was removed meanwhile, or suspected before."""
    believed = Passkey.id == passkey_id, Passkey.suspected_at.is_(None)
    return await tx.session.scalar(update(Passkey).where(*believed).values(suspected_at=tx.real_now).returning(Passkey))


async def label_of(tx: Tx, passkey_id: str) -> str:
    """How its owner calls it; "" when it was removed."""
    return await tx.session.scalar(select(Passkey.label).where(Passkey.id == passkey_id)) or ""


async def _of(tx: Tx, credential: str) -> Passkey:
    """The passkey that answers, locked so that two answers at once are counted one after the other."""
    with _sent_by_anybody():
        sent = parse_authentication_credential_json(credential)
    query = select(Passkey).join(Person, Person.id == Passkey.person).where(Passkey.credential_id == sent.raw_id)
    usable = Person.disabled_at.is_(None), Passkey.suspected_at.is_(None)
    row = await tx.session.scalar(query.where(*usable).with_for_update(of=Passkey))
    named = sent.response.user_handle
    if row is None or (named is not None and named != row.person.encode()):
        raise rules.refused()
    return row


def _challenge_of(credential: str) -> bytes:
    """What the answer says it answers; Refused("passkey-refused") when it says nothing that can be read."""
    with _sent_by_anybody():
        sent = msgspec.json.decode(credential, type=_Credential)
        return parse_client_data_json(base64url_to_bytes(sent.response.client_data)).challenge


@contextmanager
def _sent_by_anybody() -> Iterator[None]:
    """Parsers of certificates, CBOR and keys fail in ways of their own: each means that it is not believed."""
    try:
        yield
    except Exception as wrong:
        raise rules.refused() from wrong


async def _expect(tx: Tx, challenge: bytes, browser: str, purpose: str, person: str | None) -> None:
    await tx.session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at < tx.real_now))
    asked = {"challenge_sha256": token_digest(challenge.hex()), "browser_sha256": token_digest(browser)}
    values: dict[str, object] = asked | {"person": person, "purpose": purpose, "expires_at": tx.real_now + CHALLENGE}
    await tx.session.execute(insert(PasskeyChallenge).values(**values))


async def _credentials(tx: Tx, person: str) -> list[PublicKeyCredentialDescriptor]:
    rows = await tx.session.scalars(select(Passkey.credential_id).where(Passkey.person == person))
    return [PublicKeyCredentialDescriptor(id=one) for one in rows]
