"""The sealer that the settings describe.

On the devchain, what is not set is the test authority's. On any other chain nothing has a default, and a test authority's root is refused.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from asn1crypto import x509
from pydantic import SecretStr

from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.chain.rpc import Rpc
from ledger.errors import SettingsError
from ledger.loopback import is_loopback
from ledger.sealing.keys import KeySource, Pkcs11Key, Pkcs12Key
from ledger.sealing.levels import load_trust_roots
from ledger.sealing.remote import RemoteKey
from ledger.sealing.seal import Sealer
from ledger.settings import PREFIX, Settings
from ledger.test_authority.files import AuthorityFiles
from ledger.test_authority.hierarchy import MARK

__all__ = ["Sealer", "chain_id_of", "open_sealer", "sealer_on"]

_WAYS = "SONANG_SEAL_PKCS12, SONANG_SEAL_PKCS11_LIB or SONANG_SEAL_CSC_URL"
_GUIDE = "docs/sealing.md says how"
_APPROVALS_KEY = PREFIX + "APPROVALS_KEY"


def chain_id_of(settings: Settings) -> int:
    """The chain this installation records on: the devchain where no endpoint is named.

    Raises:
        UnavailableError: the endpoint does not answer.
    """
    if settings.rpc_url is None:
        return DEVCHAIN_ID
    return int(Rpc(settings.rpc_url, settings.rpc_timeout_s).ask("eth_chainId"), 16)


def open_sealer(settings: Settings) -> Sealer:
    """The utility's keys, roots and time-stamp authority.

    Raises:
        SettingsError: something is missing, ambiguous or unreadable, a credential would be sent in the clear, or a test certificate is
            named outside the devchain.
        UnavailableError: the chain's endpoint does not answer.
    """
    return sealer_on(settings, chain_id_of(settings))


def sealer_on(settings: Settings, chain_id: int) -> Sealer:
    """The same for a chain that is known; errors as `open_sealer`."""
    given = [name for name in ("seal_pkcs12", "seal_pkcs11_lib", "seal_csc_url") if getattr(settings, name) is not None]
    if len(given) > 1:
        names = " and ".join(PREFIX + name.upper() for name in given)
        raise SettingsError("the seal has two keys", field=names, fix=f"set one of {_WAYS}")
    test = AuthorityFiles.of(settings.state_dir) if chain_id == DEVCHAIN_ID else None
    seal, approvals = _keys(settings, given[0] if given else None, test)
    roots = _trust_roots(settings, test)
    if test is None:
        _refuse_test_trust(roots, chain_id)
    tsa_url = settings.tsa_url or (_ready(test).tsa_url if test is not None else None)
    if tsa_url is None:
        raise _needed("tsa_url", chain_id)
    login = None
    if settings.tsa_user is not None:
        _refuse_in_the_clear(tsa_url, "TSA_URL", "the time-stamp authority's account and password")
        login = (settings.tsa_user, settings.tsa_password.get_secret_value() if settings.tsa_password is not None else "")
    return Sealer(seal, approvals, roots, tsa_url, login)


def _keys(settings: Settings, way: str | None, test: AuthorityFiles | None) -> tuple[KeySource, KeySource]:
    match way:
        case "seal_pkcs12":
            return _file_keys(settings)
        case "seal_pkcs11_lib":
            return _token_keys(settings)
        case "seal_csc_url":
            return _remote_keys(settings)
        case _:
            if test is None:
                raise SettingsError("no key seals", field=_WAYS, fix=f"name the utility's certificate and key; {_GUIDE}")
            passphrase = SecretStr(_ready(test).passphrase())
            name = PREFIX + "SEAL_PKCS12"
            return Pkcs12Key.read(test.pkcs12("seal"), passphrase, name), Pkcs12Key.read(test.pkcs12("approvals"), passphrase, name)


def _file_keys(settings: Settings) -> tuple[KeySource, KeySource]:
    path = settings.seal_pkcs12
    assert path is not None  # noqa: S101 - the way was chosen because it is given
    seal = Pkcs12Key.read(path, settings.seal_passphrase, PREFIX + "SEAL_PKCS12")
    if settings.approvals_pkcs12 is None:
        return seal, seal
    return seal, Pkcs12Key.read(settings.approvals_pkcs12, settings.approvals_passphrase, PREFIX + "APPROVALS_PKCS12")


def _token_keys(settings: Settings) -> tuple[KeySource, KeySource]:
    library, token, label = settings.seal_pkcs11_lib, settings.seal_pkcs11_token, settings.seal_key
    if library is None or not library.is_file():
        raise SettingsError(f"{library} is no file", field=PREFIX + "SEAL_PKCS11_LIB", fix="name the vendor's PKCS#11 module (.so)")
    if token is None or label is None:
        missing = "SEAL_PKCS11_TOKEN" if token is None else "SEAL_KEY"
        raise SettingsError("is needed with a token", field=PREFIX + missing, fix=f"name the token and the key's label; {_GUIDE}")
    pin = settings.seal_pkcs11_pin
    seal = Pkcs11Key(library, token, label, pin)
    if settings.approvals_key is None:
        return seal, seal
    return seal, Pkcs11Key(library, token, settings.approvals_key, pin, _APPROVALS_KEY, seal.refused)


def _remote_keys(settings: Settings) -> tuple[KeySource, KeySource]:
    url, credential = settings.seal_csc_url, settings.seal_key
    if url is None or credential is None:
        raise SettingsError("is needed with a signing service", field=PREFIX + "SEAL_KEY", fix=f"name the credential there; {_GUIDE}")
    token, pin = settings.seal_csc_token, settings.seal_csc_pin
    if token is not None or pin is not None:
        _refuse_in_the_clear(url, "SEAL_CSC_URL", "the token and PIN that release the seal's key")
    seal = RemoteKey(url, credential, token, pin)
    if settings.approvals_key is None:
        return seal, seal
    return seal, RemoteKey(url, settings.approvals_key, token, pin, _APPROVALS_KEY, seal.refused)


def _refuse_in_the_clear(url: str, name: str, what: str) -> None:
    """What goes to this machine alone needs no encryption."""
    given = urlsplit(url)
    if given.scheme != "https" and not is_loopback(given.hostname or ""):
        raise SettingsError(f"would send {what} in the clear", field=PREFIX + name, fix="give an https:// address")


def _trust_roots(settings: Settings, test: AuthorityFiles | None) -> tuple[x509.Certificate, ...]:
    if settings.seal_trust_roots is not None:
        return load_trust_roots(settings.seal_trust_roots)
    if test is None:
        raise _needed("seal_trust_roots", None)
    return load_trust_roots(_ready(test).root)


def _ready(test: AuthorityFiles) -> AuthorityFiles:
    if not test.exists:
        raise SettingsError(
            "no certificate is named, and the devchain's test authority was never started",
            field=PREFIX + "SEAL_PKCS12",
            fix=f"start it with `sonang test-authority`, or name a certificate; {_GUIDE}",
        )
    return test


def _refuse_test_trust(roots: tuple[x509.Certificate, ...], chain_id: int) -> None:
    for root in roots:
        if MARK in str(root.subject.native.get("organization_name")):
            raise SettingsError(
                f"is the root of a test authority, and chain {chain_id} is not the devchain ({DEVCHAIN_ID})",
                field=PREFIX + "SEAL_TRUST_ROOTS",
                fix=f"name the roots of a licensed provider; {_GUIDE}",
            )


def _needed(name: str, chain_id: int | None) -> SettingsError:
    where = "outside the devchain" if chain_id is None else f"on chain {chain_id}"
    return SettingsError(f"is needed {where}", field=PREFIX + name.upper(), fix=_GUIDE)
