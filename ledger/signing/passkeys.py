"""Signing with a passkey: making one, letting it stand for its party, signing with it.

A passkey's challenge is the EIP-712 digest itself, so its assertion is a signature everybody can check, the chain included. What only the
site can check is checked here: where it was asked (origin, relying party), and a counter that never goes back.
"""

from __future__ import annotations

import secrets
from typing import Any, cast

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json_dict,
    parse_authentication_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ledger.chain.model import OutboxIntent
from ledger.errors import ConflictError, RuleError, SignatureError
from ledger.parties.model import Party
from ledger.parties.queries import party_by_id
from ledger.protocol.signers import encode_webauthn, webauthn_signer
from ledger.signing.approving import check_keyless
from ledger.signing.commands import presentation_of, ready_to_sign
from ledger.signing.desk import SigningDesk
from ledger.signing.model import Approval, Passkey, PasskeyChallenge, Presentation
from ledger.signing.own_keys import YEAR_S, Signed, adopt_key, claim_enrolment, registration_digest, sign_as_party, use_enrolment

__all__ = ["begin_enrolment", "create_passkey", "enrol_passkey", "passkey_options", "sign_with_passkey"]

LARGEST = 65_536
ALGORITHMS = [COSEAlgorithmIdentifier.ECDSA_SHA_256]
"""ES256 and nothing else: the chain's WebAuthn verifier takes P-256 keys only. Chromium warns in its console that RS256 is not offered, for
authenticators without ES256; that is meant: a key of theirs could sign nothing here."""
Credential = dict[str, Any]
"""What `navigator.credentials` answered, as its `toJSON` writes it."""


def begin_enrolment(desk: SigningDesk, party_id: bytes, code: str) -> dict[str, Any]:
    """Takes the code of `own_keys.request_enrolment`; returns the options for `navigator.credentials.create`.

    Raises:
        WrongCodeError, RuleError, ConflictError, LimitError, InputError: as `own_keys.claim_enrolment`.
    """
    claimed = claim_enrolment(desk, party_id, code, act="begin-enrolment")
    with desk.trying("begin-enrolment", party=party_id, way="passkey") as session:
        party = party_by_id(session, party_id)
        check_keyless(session, party)
        use_enrolment(session, desk, claimed)
        challenge = _new_challenge(session, desk, party, "create", secrets.token_bytes(32))
        known = session.scalars(select(Passkey.credential_id).where(Passkey.party_id == party_id)).all()
        options = generate_registration_options(
            rp_id=desk.terms.rp_id,
            rp_name="Sổ Nắng",
            user_name=party.label,
            user_display_name=party.name or party.label,
            user_id=party.id,
            challenge=challenge,
            supported_pub_key_algs=ALGORITHMS,
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
        )
        return options_to_json_dict(options)


def create_passkey(desk: SigningDesk, party_id: bytes, credential: Credential) -> dict[str, Any]:
    """Takes a new passkey; returns the options for `navigator.credentials.get` by which it agrees to stand for the party.

    Raises:
        SignatureError: it was made elsewhere, for another challenge, without its holder, or too late.
        ConflictError: it is known already.
    """
    with desk.trying("create-passkey", party=party_id, way="passkey") as session:
        party, now = party_by_id(session, party_id), desk.clock()
        challenge = _spend_challenge(session, party, "create", now).challenge
        try:
            made = verify_registration_response(
                credential=_json(credential),
                expected_challenge=challenge,
                expected_rp_id=desk.terms.rp_id,
                expected_origin=desk.terms.origin,
                require_user_verification=True,
                supported_pub_key_algs=ALGORITHMS,
            )
            key = decoded_public_key_to_cryptography(decode_credential_public_key(made.credential_public_key))
        except (WebAuthnException, ValueError, KeyError) as wrong:
            raise _refused(wrong) from None
        if session.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id)) is not None:
            raise ConflictError("this passkey is known already", field="credential", fix="make a new one, or sign with it")
        signer = webauthn_signer(cast(ec.EllipticCurvePublicKey, key), desk.deployment.verifiers)
        passkey = Passkey(party_id=party.id, credential_id=made.credential_id, public_key=made.credential_public_key, signer=signer)
        passkey.sign_count, passkey.created_s = made.sign_count, now
        session.add(passkey)
        deadline = now + YEAR_S
        message = registration_digest(desk, party, signer, deadline)
        _new_challenge(session, desk, party, "register", message, deadline=deadline)
        return _asking(desk, [passkey], message)


def enrol_passkey(desk: SigningDesk, party_id: bytes, credential: Credential) -> OutboxIntent:
    """Takes the new passkey's assertion over its registration: from now on it signs for the party, and nothing else does.

    Raises:
        SignatureError, ProtocolError: the assertion does not hold, or came too late.
        RuleError: as `own_keys.adopt_key`.
    """
    with desk.trying("enrol", party=party_id, way="passkey") as session:
        party, now = party_by_id(session, party_id), desk.clock()
        asked = _spend_challenge(session, party, "register", now)
        passkey, signature = _assertion(session, desk, party, asked.challenge, credential)
        passkey.enrolled_s = now
        return adopt_key(session, desk, party, passkey.signer, deadline=asked.deadline or 0, signature=signature)


def passkey_options(desk: SigningDesk, presentation_id: int) -> dict[str, Any]:
    """The options for `navigator.credentials.get` by which a passkey signs what was shown: its challenge is the digest.

    Raises:
        RuleError: the party has no passkey; or as `commands.ready_to_sign`.
    """
    with desk.sessions.begin() as session:
        shown = presentation_of(session, presentation_id)
        _, message = ready_to_sign(session, desk.store, desk.deployment, shown, now_s=desk.clock())
        return _asking(desk, [_passkey_of(session, shown.party)], message)


def sign_with_passkey(desk: SigningDesk, presentation_id: int, credential: Credential) -> Approval:
    """Takes a passkey's assertion over the digest.

    Raises:
        SignatureError: it was asked elsewhere, without its holder, by another passkey, or its counter went back.
        ProtocolError: the assertion does not hold.
        RuleError, ConflictError: as `commands.ready_to_sign`.
    """

    def produce(session: Session, shown: Presentation, message: bytes) -> Signed:
        passkey, signature = _assertion(session, desk, shown.party, message, credential)
        if passkey.signer != shown.party.signing_key():
            raise RuleError("another key stands for the party", field="credential", fix="sign with the key that stands for it now")
        return Signed(signature, "passkey", details={"passkey_id": passkey.id})

    return sign_as_party(desk, presentation_id, "passkey", produce)


def _assertion(session: Session, desk: SigningDesk, party: Party, challenge: bytes, credential: Credential) -> tuple[Passkey, bytes]:
    """The passkey that answered and its answer as a signature; the counter moves with the transaction."""
    try:
        answer: AuthenticationCredential = parse_authentication_credential_json(_json(credential))
        asked = select(Passkey).where(Passkey.party_id == party.id, Passkey.credential_id == answer.raw_id).with_for_update()
        passkey = session.scalars(asked).one_or_none()
        if passkey is None:
            raise SignatureError("no passkey of this party", field="credential", fix="use the passkey that was enrolled here")
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=desk.terms.rp_id,
            expected_origin=desk.terms.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError) as wrong:
        raise _refused(wrong) from None
    passkey.sign_count = verified.new_sign_count
    response = answer.response
    return passkey, encode_webauthn(response.authenticator_data, response.client_data_json, response.signature)


def _passkey_of(session: Session, party: Party) -> Passkey:
    standing = Passkey.party_id == party.id, Passkey.enrolled_s.is_not(None), Passkey.signer == party.signing_key()
    passkey = session.scalars(select(Passkey).where(*standing)).one_or_none()
    if passkey is None:
        raise RuleError("the party's key is no passkey", field="signer", fix="sign with its wallet or certificate")
    return passkey


def _new_challenge(
    session: Session, desk: SigningDesk, party: Party, purpose: str, challenge: bytes, *, deadline: int | None = None
) -> bytes:
    """Keeps bytes to be answered once and soon; earlier ones for the same purpose are good no more."""
    now = desk.clock()
    earlier = PasskeyChallenge.party_id == party.id, PasskeyChallenge.purpose == purpose, PasskeyChallenge.used_s.is_(None)
    session.execute(update(PasskeyChallenge).where(*earlier).values(used_s=now))
    row = PasskeyChallenge(challenge=challenge, party_id=party.id, purpose=purpose, deadline=deadline)
    row.expires_s = now + desk.terms.challenge_lives_s
    session.add(row)
    session.flush()
    return challenge


def _spend_challenge(session: Session, party: Party, purpose: str, now_s: int) -> PasskeyChallenge:
    """The challenge that waits, spent; a refused answer gives it back with the transaction, since nothing can be guessed."""
    waiting = PasskeyChallenge.party_id == party.id, PasskeyChallenge.purpose == purpose, PasskeyChallenge.used_s.is_(None)
    row = session.scalars(select(PasskeyChallenge).where(*waiting).with_for_update()).one_or_none()
    if row is None or now_s >= row.expires_s:
        raise SignatureError("nothing was asked of a passkey, or too long ago", field="credential", fix="begin the enrolment again")
    row.used_s = now_s
    session.flush()
    return row


def _asking(desk: SigningDesk, passkeys: list[Passkey], challenge: bytes) -> dict[str, Any]:
    options = generate_authentication_options(
        rp_id=desk.terms.rp_id,
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in passkeys],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def _json(credential: Credential) -> str:
    text = orjson.dumps(credential)
    if len(text) > LARGEST:
        raise ValueError("too long")
    return text.decode()


def _refused(wrong: Exception) -> SignatureError:
    problem = f"the passkey's answer does not hold: {str(wrong)[:160] or type(wrong).__name__}"
    return SignatureError(problem, field="credential", fix="ask the passkey again on the utility's own page")
