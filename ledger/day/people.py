"""First step: the utility and every home's owner become parties, each by signing for itself."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy.orm import Session

from ledger.day.keyring import UTILITY
from ledger.day.stage import Stage
from ledger.metering.model import Zone
from ledger.metering.queries import HomeData
from ledger.parties.commands import LABEL_LIMIT, enter_party
from ledger.parties.model import Party, Role
from ledger.parties.queries import party_by_label

__all__ = ["UTILITY", "owner_label", "owner_of", "register", "register_utility"]

UTILITY_NAME = "Công ty Điện lực Sổ Nắng (mô phỏng)"
YEAR_S = 366 * 86_400
STEP = "Các bên ký tên · Parties sign up"


def owner_label(zone: Zone, home: str) -> str:
    """The operator's name of a home's owner, unique among all zones."""
    label = f"{zone.name}/{home}"
    return label if len(label) <= LABEL_LIMIT else f"{label[: LABEL_LIMIT - 17]}-{sha256(label.encode()).hexdigest()[:16]}"


def owner_of(session: Session, zone: Zone, home: str) -> Party:
    """The party that owns a home; raises NotFoundError before it is drafted."""
    return party_by_label(session, owner_label(zone, home))


def register(stage: Stage, zone: Zone, homes: Sequence[HomeData]) -> list[int]:
    """Drafts and registers whoever is missing, the utility too; returns the intents to wait for."""
    return _registered(stage, [(owner_label(zone, home.label), "owner", f"Hộ {home.label}") for home in homes])


def register_utility(stage: Stage) -> list[int]:
    """The same for the utility alone."""
    return _registered(stage, [])


def _registered(stage: Stage, owners: Sequence[tuple[str, Role, str]]) -> list[int]:
    people: list[tuple[str, Role, str]] = [(UTILITY, "utility", UTILITY_NAME), *owners]
    intents: list[int] = []
    deadline = stage.now() + YEAR_S
    with stage.sessions.begin() as session:
        for done, (label, role, name) in enumerate(people):
            stage.step(STEP, done, len(people))
            signer, sign = stage.keyring.owner(label)
            _, intent = enter_party(session, stage.calls, label=label, role=role, name=name, signer=signer, sign=sign, deadline=deadline)
            intents.append(intent.id)
    stage.step(STEP, len(people), len(people))
    return intents
