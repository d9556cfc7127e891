"""Simulated meters: interval data in, one signed day out."""

from __future__ import annotations

import pytest

from ledger.protocol.signers import Verifiers, new_p256_key, p256_signer, verify
from ledger.protocol.typed_data import Domain
from oracle.errors import SourceError
from oracle.profiles import UNRECORDED_WH
from oracle.sources.simulated import sign_day
from oracle.vee import DAY_S

DOMAIN = Domain(31337, b"\xaa" * 20)
VERIFIERS = Verifiers(b"\x51" * 20, b"\x52" * 20)
METER, SALT, START = b"\x01" * 32, b"\x02" * 32, 20_000 * DAY_S
KEY = new_p256_key()


def test_one_signature_covers_forty_eight_intervals() -> None:
    energies = {START + place * 1800: (place, 2 * place) for place in range(48)}
    signed = sign_day(METER, START, 1800, energies, key=KEY, profile_salt=SALT, domain=DOMAIN)
    assert signed.profile.import_wh == tuple(range(48))
    assert signed.profile.export_wh == tuple(range(0, 96, 2))
    verify(p256_signer(KEY, VERIFIERS), signed.digest(DOMAIN), signed.signature, VERIFIERS)


def test_an_interval_without_data_is_marked_and_not_invented() -> None:
    signed = sign_day(METER, START, 3600, {START + 3600: (5, 0)}, key=KEY, profile_salt=SALT, domain=DOMAIN)
    assert signed.profile.import_wh == (UNRECORDED_WH, 5, *[UNRECORDED_WH] * 22)


@pytest.mark.parametrize("stray", [START - 3600, START + DAY_S, START + 1])
def test_an_interval_of_another_day_or_grid_is_refused(stray: int) -> None:
    with pytest.raises(SourceError, match="none of the day's"):
        sign_day(METER, START, 3600, {stray: (5, 0)}, key=KEY, profile_salt=SALT, domain=DOMAIN)
