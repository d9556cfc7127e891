"""One meter that claimed 2^63-1 Wh of import stopped its zone for good; a thousandth of it ended the program after settling."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from ledger.day.installation import capacity_w
from ledger.metering.commands import import_file
from ledger.metering.queries import HomeData
from ledger.protocol.typed_data import LoadProfile
from oracle.errors import Reason, RefusedError, SourceError
from oracle.vee import CONNECTION_W, DAY_S, RegisteredMeter, ZoneTerms, check_profile
from tests.ledger.metering.files import clock_times, counts, make_zone, shape, write

ABSURD_WH = (2**63 - 1, 9_223_372_036_854_775)
ZONE = ZoneTerms(1_800, 7 * 3_600)
START = 20_000 * DAY_S - ZONE.utc_offset_s
METER = RegisteredMeter(bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32, b"signer", 4_000, START, 2**63)


@pytest.mark.parametrize("wh", ABSURD_WH)
def test_a_node_refuses_it_although_too_few_intervals_ran_to_see_a_spike(wh: int) -> None:
    profile = LoadProfile(METER.meter, START, 1_800, 1, (wh, *[0] * 47), (0,) * 48)
    for meter in (METER, replace(METER, capacity_w=0), replace(METER, capacity_w=10**9)):
        with pytest.raises(RefusedError, match=r"import_wh\[0\]: .* Wh where the connection can carry") as refused:
            check_profile(profile, meter, ZONE, START + DAY_S)
        assert refused.value.code is Reason.ABOVE_CONNECTION


@pytest.mark.parametrize("wh", ABSURD_WH)
@pytest.mark.parametrize("column", [3, 4])
def test_a_file_that_claims_it_is_refused_by_line_and_column(session: Session, tmp_path: Path, wh: int, column: int) -> None:
    zone = make_zone(session)
    session.commit()
    claimed = f"{wh},0" if column == 3 else f"0,{wh}"
    rows = [f"An,{start},1,0" for start in clock_times(48)]
    file = write(tmp_path / "a.csv", [*rows, *(row.replace("An", "Bình") for row in rows[:20]), f"Bình,2026-06-01 10:00,{claimed}"])
    with pytest.raises(SourceError, match="more than a connection carries") as told:
        import_file(session, zone, file, shape())
    assert (told.value.line, told.value.column) == (70, column)
    session.rollback()
    assert counts(session) == (0, 0, 0)


def test_a_plant_nobody_stated_is_no_larger_than_a_connection(session: Session) -> None:
    """An absurd export in the database would else be its own plant's rating, and no oracle would refuse it."""
    zone = make_zone(session)
    assert capacity_w(HomeData("An", None, 2**63 - 1), zone) == CONNECTION_W
    assert capacity_w(HomeData("An", None, 2_000), zone) == 4_000
    assert capacity_w(HomeData("An", 500_000, 2_000), zone) == 500_000
