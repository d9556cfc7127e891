"""A PKCS#11 token as pyHanko asks it, with a look at what it signed. Apart, since only who has a token needs the native code under it."""

from __future__ import annotations

from typing import Any

from pyhanko.sign.pkcs11 import PKCS11Signer

from ledger.sealing.fitting import check_fits


class TokenSigner(PKCS11Signer):
    """Signs with a key in a token, and looks whether that fits the certificate beside it before it is in any file.

    Args:
        whose, setting: as `fitting.check_fits`. `asked`: as pyHanko's.
    """

    def __init__(self, whose: str, setting: str, **asked: Any) -> None:
        super().__init__(**asked)
        self._whose, self._setting = whose, setting

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        made = await super().async_sign_raw(data, digest_algorithm, dry_run)
        if not dry_run:
            check_fits(self, made, data, digest_algorithm, whose=self._whose, setting=self._setting)
        return made
