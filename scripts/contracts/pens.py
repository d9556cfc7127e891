"""Signing a document the way a customer does: every way is the verb its page or its link calls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from eth_account import Account
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.commands import digest_to_sign
from ledger.agreements.model import AgreementRow
from ledger.errors import UnavailableError
from ledger.messages.carriers.chosen import MAILBOX, open_carriers
from ledger.messages.carriers.mailbox import safe_name
from ledger.messages.delivery import deliver_due
from ledger.messages.sealing import Opener
from ledger.parties.queries import party_by_label
from ledger.private_files import kept, private_name
from ledger.protocol.signers import new_eoa_key
from ledger.settings import Settings
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.commands import document_shown, present
from ledger.signing.companies import certificate_digest, enrol_certificate, sign_with_certificate
from ledger.signing.desk import SigningDesk
from ledger.signing.own_keys import YEAR_S, request_enrolment
from ledger.signing.passkeys import begin_enrolment, create_passkey, enrol_passkey, passkey_options, sign_with_passkey
from ledger.signing.wallets import enrol_wallet, registration_message, sign_with_wallet, wallet_message
from ledger.test_authority.files import AuthorityFiles
from ledger.test_authority.hierarchy import INTERMEDIATE
from scripts.contracts.customers import CERTIFICATE, Customer
from scripts.virtual_phone import VirtualPhone

__all__ = ["Pens"]

CODE = re.compile(r"\b([0-9]{3} ?[0-9]{3})\b")
AT_ONCE = 100


@dataclass(frozen=True)
class Pens:
    """What the simulated customers sign with: the mailbox, a phone, a wallet and a company's key, all in the state folder.

    Attributes:
        desk: where they sign.
        opener: opens queued messages for the carrier, which puts them into the mailbox.
        authority: who certifies the company.
    """

    settings: Settings
    sessions: sessionmaker[Session]
    desk: SigningDesk
    opener: Opener
    authority: AuthorityFiles

    def enrol(self, customer: Customer) -> None:
        """Lets a customer's key stand for it, unless one does already or it signs by code."""
        with self.sessions() as session:
            party = party_by_label(session, customer.code)
            party_id, enrolled = party.id, party.signer is not None
        if enrolled:
            return
        match customer.way:
            case "passkey":
                self._enrol_passkey(customer, party_id)
            case "wallet":
                self._enrol_wallet(customer, party_id)
            case "certificate":
                self._enrol_certificate(party_id)

    def sign(self, customer: Customer, agreement: bytes) -> None:
        """Shows a customer its document and has it sign that, unless it has."""
        with self.sessions.begin() as session:
            row = session.get_one(AgreementRow, agreement)
            place = row.signatories[0]
            if place.signature is not None:
                return
            showing = present(session, self.desk.store, row, place.party)
            document_shown(session, self.desk.store, showing)
            shown = showing.id
        match customer.way:
            case "otp":
                request_code(self.desk, shown, "sms")
                confirm_code(self.desk, shown, self._code(customer))
            case "passkey":
                sign_with_passkey(self.desk, shown, self._phone(customer).get(passkey_options(self.desk, shown)))
            case "wallet":
                message = wallet_message(self.desk, shown)
                sign_with_wallet(self.desk, shown, self._wallet_signs(customer, message))
            case "certificate":
                sign_with_certificate(self.desk, shown, self._company_signs(self._digest(agreement)))

    def _enrol_passkey(self, customer: Customer, party: bytes) -> None:
        phone = self._phone(customer)
        request_enrolment(self.desk, party, "sms")
        asking = create_passkey(self.desk, party, phone.create(begin_enrolment(self.desk, party, self._code(customer))))
        enrol_passkey(self.desk, party, phone.get(asking))

    def _enrol_wallet(self, customer: Customer, party: bytes) -> None:
        address = bytes.fromhex(Account.from_key(self._wallet(customer)).address[2:])
        request_enrolment(self.desk, party, "sms")
        deadline = self.desk.clock() + YEAR_S
        signature = self._wallet_signs(customer, registration_message(self.desk, party, address, deadline))
        enrol_wallet(self.desk, party, address, code=self._code(customer), deadline=deadline, signature=signature)

    def _enrol_certificate(self, party: bytes) -> None:
        chain = b"".join(self.authority.certificate(label).read_bytes() for label in (CERTIFICATE, INTERMEDIATE))
        deadline = self.desk.clock() + YEAR_S
        signature = self._company_signs(certificate_digest(self.desk, party, chain, deadline=deadline))
        enrol_certificate(self.desk, party, chain, tax_code=None, deadline=deadline, signature=signature)

    def _code(self, customer: Customer) -> str:
        """The code in the newest message to a customer, read in the mailbox folder once everything queued is delivered there.

        Raises:
            UnavailableError: nothing came; a gateway is set, say, so that it went to a real telephone.
        """
        with open_carriers(self.settings) as carriers:
            deliver_due(self.sessions, carriers, self.opener, limit=AT_ONCE)
        folder = self.settings.state_dir / MAILBOX / safe_name(customer.phone)
        letters = sorted(folder.glob("*.txt"), key=lambda file: file.stat().st_mtime_ns)
        found = CODE.search(letters[-1].read_text(encoding="utf-8").partition("\n\n")[2]) if letters else None
        if found is None:
            fix = "unset SONANG_SMS_URL and SONANG_MAILBOX, so that messages go to that folder; see `sonang messages`"
            raise UnavailableError("no code came", field=str(folder), fix=fix)
        return found[1]

    def _phone(self, customer: Customer) -> VirtualPhone:
        return VirtualPhone(self._file(f"{customer.code}.passkey"), self.desk.terms.origin)

    def _wallet(self, customer: Customer) -> bytes:
        return kept(self._file(f"{customer.code}.wallet"), new_eoa_key)

    def _wallet_signs(self, customer: Customer, message: dict[str, Any]) -> bytes:
        """As `eth_signTypedData_v4` does: from the message alone."""
        return bytes(Account.sign_typed_data(self._wallet(customer), full_message=message).signature)

    def _company_signs(self, digest: bytes) -> bytes:
        key = serialization.load_pem_private_key(self.authority.key(CERTIFICATE).read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - the test authority's company has one
        return key.sign(digest, ec.ECDSA(Prehashed(SHA256())))

    def _digest(self, agreement: bytes) -> bytes:
        with self.sessions() as session:
            return digest_to_sign(self.desk.deployment, session.get_one(AgreementRow, agreement))

    def _file(self, name: str) -> Path:
        return self.settings.state_dir / "keys" / private_name(name)
