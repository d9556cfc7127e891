"""Who may call what, as the AccessManager is told at deployment: the table of docs/protocol.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum

from ledger.chain.abi import Abi

__all__ = ["FUNCTIONS", "Role", "permission_calls"]


class Role(IntEnum):
    """AccessManager role numbers; 0 is the administrator's."""

    REGISTRAR = 1
    RECORDER = 2
    OPERATOR = 3
    GUARDIAN = 4
    ORACLE_ADMIN = 5


OPERATOR_ROLES = (Role.REGISTRAR, Role.RECORDER, Role.OPERATOR)
"""What the worker's key may do."""

_GOVERNED = {"pause": Role.GUARDIAN, "unpause": Role.GUARDIAN}
FUNCTIONS: dict[str, dict[str, Role]] = {
    "PartyRegistry": {**_GOVERNED, "register": Role.REGISTRAR, "revokeByRegistrar": Role.REGISTRAR},
    "AgreementRegistry": {**_GOVERNED, "record": Role.RECORDER, "recordAttested": Role.RECORDER, "revoke": Role.GUARDIAN},
    "MeterRegistry": {**_GOVERNED, "install": Role.REGISTRAR, "retire": Role.REGISTRAR},
    "ReadingAnchor": {**_GOVERNED, "setOracles": Role.ORACLE_ADMIN},
    "Exchange": {
        **_GOVERNED,
        "configureZone": Role.OPERATOR,
        "commitOrders": Role.OPERATOR,
        "postClearings": Role.OPERATOR,
        "voidClearing": Role.GUARDIAN,
    },
    "Settlement": {**_GOVERNED, "settle": Role.OPERATOR},
    "DocumentLog": {**_GOVERNED, "anchor": Role.RECORDER},
}
"""Functions closed to everybody but a role, by contract."""


def permission_calls(
    manager: Abi, abis: Mapping[str, Abi], addresses: Mapping[str, bytes], holders: Sequence[tuple[Role, bytes]]
) -> Iterator[bytes]:
    """Calldata for the AccessManager that opens every function of the table to its role and gives the roles to their holders.

    Args:
        manager: the AccessManager's ABI.
        abis, addresses: the contracts'.
        holders: each role with the 20-byte account that gets it, without delay.
    """
    for contract, functions in FUNCTIONS.items():
        for role in sorted(set(functions.values())):
            selectors = [abis[contract].function(name).selector for name, needed in functions.items() if needed is role]
            yield manager.encode("setTargetFunctionRole", [addresses[contract], selectors, int(role)])
    for role, account in holders:
        yield manager.encode("grantRole", [int(role), account, 0])
