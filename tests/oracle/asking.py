"""What a test brings to a node and asks of it."""

from __future__ import annotations

from typing import Any

from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import new_p256_key
from oracle.profiles import SignedProfile
from tests.oracle.simulated_meters import sign_day

DAY = 1_456_790_400 - 7 * 3600


def bring(village: Any, *profiles: object) -> list[Any]:
    sent = [one.to_json() if isinstance(one, SignedProfile) else one for one in profiles]
    status, answer = village.nodes[0].ask("POST", "/profiles", {"profiles": sent})
    assert status == 200, answer
    answers: list[Any] = answer["answers"]
    return answers


def codes(answers: list[Any]) -> list[str]:
    return [answer.get("code", answer["status"]) for answer in answers]


def state(village: Any, **changes: object) -> tuple[int, Any]:
    asked = {"zone": hex0x(village.zone), "period_start": DAY, "version": 1} | changes
    answer: tuple[int, Any] = village.nodes[0].ask("POST", "/statements", asked)
    return answer


def kept(village: Any) -> list[Any]:
    refusals: list[Any] = village.nodes[0].ask("GET", "/refusals")[1]["refusals"]
    return refusals


def forged(village: Any) -> SignedProfile:
    """Signed by a key that is not the meter's."""
    true = village.profile(0)
    domain = village.world.deployment.domain("MeterRegistry")
    return sign_day(true.profile.meter, DAY, 1800, {}, key=new_p256_key(), profile_salt=true.profile_salt, domain=domain)


def other_contract(village: Any) -> SignedProfile:
    """Signed by the meter, but for another contract."""
    meter, key = village.meters[0]
    return sign_day(meter, DAY, 1800, {}, key=key, profile_salt=bytes(32), domain=village.world.deployment.domain("Exchange"))
