"""Every kind of signer on a real chain: it is admitted with its own signature, and refused when one bit of it flips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from ledger.chain.rpc import NodeError
from ledger.chain.solc import compile_standard_json
from ledger.protocol.quantities import new_id
from ledger.protocol.signers import (
    P256_ORDER,
    SECP256K1_HALF,
    eoa_signer,
    new_eoa_key,
    new_p256_key,
    p256_signer,
    rsa_signer,
    sign_eoa,
    sign_p256,
    verify,
    webauthn_signer,
)
from ledger.protocol.typed_data import RegisterParty, digest
from ledger.protocol.webauthn_signatures import decode_webauthn
from tests.conftest import World
from tests.ledger.protocol.vectors import fault
from tests.passkey import BACKED_UP, ELIGIBLE, PRESENT, VERIFIED, Passkey
from tests.rsa_key import new_rsa_key, sign_rsa
from tests.webauthn import abi, bytes_of

DEADLINE = 2**40
WALLET = "contracts/test/support/Wallet.sol"


@dataclass(frozen=True)
class Signing:
    """A signer and how it signs."""

    signer: bytes
    sign: Callable[[bytes], bytes]


def a_wallet(world: World) -> Signing:
    key = new_eoa_key()
    return Signing(eoa_signer(key), lambda given: sign_eoa(key, given))


def an_account(world: World) -> Signing:
    """An ERC-1271 contract whose owner signs."""
    owner, root = new_eoa_key(), world.settings.project_root
    assert root is not None
    library = "@openzeppelin/contracts/"
    names = ("interfaces/IERC1271.sol", "utils/cryptography/ECDSA.sol")
    sources = {library + name: (root / "node_modules" / (library + name)).read_text(encoding="utf-8") for name in names}
    question = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in {**sources, WALLET: (root / WALLET).read_text(encoding="utf-8")}.items()},
        "settings": {"evmVersion": "osaka", "outputSelection": {WALLET: {"Wallet": ["evm.bytecode.object"]}}},
    }
    made = compile_standard_json(root, question)["contracts"][WALLET]["Wallet"]
    code = bytes.fromhex(made["evm"]["bytecode"]["object"]) + eoa_signer(owner).rjust(32, b"\0")
    address = world.gateway.transact(world.deployer, None, code, "Wallet").contract
    assert address is not None
    return Signing(address, lambda given: sign_eoa(owner, given))


def a_p256_key(world: World) -> Signing:
    key = new_p256_key()
    return Signing(p256_signer(key, world.deployment.verifiers), lambda given: sign_p256(key, given))


def an_rsa_certificate(world: World) -> Signing:
    key = new_rsa_key()
    return Signing(rsa_signer(key, world.deployment.verifiers), lambda given: sign_rsa(key, given))


def a_passkey(world: World) -> Signing:
    phone = Passkey()
    return Signing(webauthn_signer(phone.public_key, world.deployment.verifiers), lambda given: bytes_of(phone.sign(given)))


@pytest.mark.parametrize("make", [a_wallet, an_account, a_p256_key, an_rsa_certificate, a_passkey], ids=lambda make: make.__name__)
def test_a_signer_is_admitted_with_its_signature_and_refused_when_one_bit_flips(world: World, make: Callable[[World], Signing]) -> None:
    who, party = make(world), new_id()
    good = who.sign(digest(world.deployment.domain("PartyRegistry"), RegisterParty(party, who.signer, 0, DEADLINE)))
    for bit in (0, len(good) * 4 + 3, len(good.rstrip(b"\0")) * 8 - 1):  # behind it there is padding, which the chain does not read
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(NodeError) as refused:
            world.send("PartyRegistry", "register", party, who.signer, DEADLINE, bytes(flipped))
        assert refused.value.error == "InvalidSignature"
        assert refused.value.values["signer"] == who.signer
    assert not world.gateway.call("PartyRegistry", "isSigner", party, who.signer)
    receipt = world.send("PartyRegistry", "register", party, who.signer, DEADLINE, good)
    assert receipt.succeeded
    assert world.gateway.call("PartyRegistry", "isSigner", party, who.signer)
    assert world.gateway.call("PartyRegistry", "nonceOf", party) == 1


@pytest.mark.parametrize("make", [a_wallet, a_p256_key], ids=lambda make: make.__name__)
def test_the_high_s_twin_of_a_good_signature_is_refused_by_the_chain_too(world: World, make: Callable[[World], Signing]) -> None:
    who, party = make(world), new_id()
    good = who.sign(digest(world.deployment.domain("PartyRegistry"), RegisterParty(party, who.signer, 0, DEADLINE)))
    order = 2 * SECP256K1_HALF + 1 if len(good) == 65 else P256_ORDER
    high = good[:32] + (order - int.from_bytes(good[32:64], "big")).to_bytes(32, "big") + bytes(55 - v for v in good[64:])
    with pytest.raises(NodeError) as refused:
        world.send("PartyRegistry", "register", party, who.signer, DEADLINE, high)
    assert refused.value.error == "InvalidSignature"
    assert world.gateway.call("PartyRegistry", "nonceOf", party) == 0, "nothing happened"
    assert world.send("PartyRegistry", "register", party, who.signer, DEADLINE, good).succeeded


def assertions(phone: Passkey, named: bytes) -> dict[str, bytes]:
    """Signatures by what is right or wrong with them."""
    good = phone.sign(named)
    found, data, text = decode_webauthn(bytes_of(good)), good.authenticator_data, good.client_data
    s = P256_ORDER - int.from_bytes(found.s, "big")
    cases = {
        "good": bytes_of(good),
        "more members": bytes_of(phone.assertion(data, text[:-1] + b',"topOrigin":"https://x"}')),
        "extensions": bytes_of(phone.assertion(data + b"\xa1\x61a\x01", text)),
        "members in another order": bytes_of(phone.assertion(data, b'{"origin":"o",' + text[1:])),
        "another challenge": bytes_of(phone.sign(named[::-1])),
        "a challenge with padding": bytes_of(phone.assertion(data, text.replace(b'","origin', b'=","origin'))),
        "another site's data": abi(replace(found, authenticator_data=bytes(32) + data[32:])),
        "being made": abi(replace(found, client_data=phone.client_data("webauthn.create", named))),
        "a space before the type": abi(replace(found, client_data=text.replace(b'"type":', b'"type": '))),
        "short data": abi(replace(found, authenticator_data=data[:36])),
        "no data": abi(replace(found, authenticator_data=b"")),
        "high s": abi(replace(found, s=s.to_bytes(32, "big"))),
        "no r": abi(replace(found, r=bytes(32))),
        "no s": abi(replace(found, s=bytes(32))),
        "r of the order": abi(replace(found, r=P256_ORDER.to_bytes(32, "big"))),
        "another key": bytes_of(Passkey().sign(named)),
        "a bare signature": found.r + found.s,
        "nothing": b"",
        "cut": bytes_of(good)[:-32],
    }
    for index in (0, 2, len(text), 2**256 - 1, 2**256 - 20):
        cases[f"type at {index}"] = abi(replace(found, type_index=index))
        cases[f"challenge at {index}"] = abi(replace(found, challenge_index=index))
    for flags in range(32):
        cases[f"flags {flags}"] = bytes_of(replace(phone, flags=flags).sign(named))
    return cases


def enrolled(world: World) -> tuple[Passkey, bytes, bytes]:
    """A passkey that stands for a party, and both their ids."""
    phone, party = Passkey(), new_id()
    signer = webauthn_signer(phone.public_key, world.deployment.verifiers)
    claim = digest(world.deployment.domain("PartyRegistry"), RegisterParty(party, signer, 0, DEADLINE))
    world.send("PartyRegistry", "register", party, signer, DEADLINE, bytes_of(phone.sign(claim)))
    return phone, party, signer


def test_the_chain_and_python_accept_the_same_passkeys(world: World) -> None:
    """A registered passkey, asked on chain through OpenZeppelin's verifier and off chain through its twin."""
    (phone, party, signer), named = enrolled(world), bytes(range(32))
    accepted = set()
    for what, signature in assertions(phone, named).items():
        on_chain = world.gateway.call("PartyRegistry", "isValidSignature", party, signer, named, signature)
        wrong = fault(lambda signature=signature: verify(signer, named, signature, world.deployment.verifiers))  # type: ignore[misc]
        assert on_chain == (wrong is None), f"{what}: {wrong}"
        accepted |= {what} if on_chain else set()
    both = PRESENT | VERIFIED
    sound = {f"flags {flags}" for flags in range(32) if flags & both == both and (flags & ELIGIBLE or not flags & BACKED_UP)}
    assert accepted == {"good", "more members", "extensions", "members in another order"} | sound


def test_a_passkeys_assertion_has_one_encoding_here_where_the_chain_reads_on(world: World) -> None:
    (phone, party, signer), named = enrolled(world), bytes(range(32))
    good = bytes_of(phone.sign(named))
    assert good.endswith(b"\0")
    for other in (good + bytes(32), good + b"\1", good[:-1] + b"\1"):
        assert world.gateway.call("PartyRegistry", "isValidSignature", party, signer, named, other)
        assert fault(lambda other=other: verify(signer, named, other, world.deployment.verifiers)) is not None  # type: ignore[misc]
