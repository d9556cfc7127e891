"""Cuts the demo's week out of SimBench, an open benchmark of German distribution grids, and writes it to `ledger/day/data/`.

SimBench is no dependency of this project: it brings 400 MB of grids and a power-flow library. Run this in an environment of its own:

    .venv/bin/uv run --no-project --with simbench==1.6.3 scripts/simbench_excerpt.py

The rules, so that anybody gets the same bytes:

- Grid `1-LV-rural3--0-no_sw`, the low-voltage village of today's scenario, 15-minute profiles of 2016.
- Homes: every load whose connection carries a rooftop PV plant of at most 15 kW, then household loads (profiles H0) without PV, in the
  order of SimBench's own numbers, until there are 40. A home is named after its number.
- Netting: per home and quarter-hour, net = load − PV; the import register counts what is above zero and the export register what is
  below, as a meter that counts each direction for itself. Both registers are then summed over two quarter-hours, so a half-hour can hold
  both, and rounded once to whole Wh, half to even.
- Time: SimBench writes German local time with summer time; here it is the fixed offset UTC+1, from 2016-05-21 00:00 for seven days.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import simbench  # type: ignore[import-not-found,unused-ignore]

GRID = "1-LV-rural3--0-no_sw"
HOMES = 40
LARGEST_PV_MW = Decimal("0.015")
METER_TIME = timezone(timedelta(hours=1))
FIRST = datetime(2016, 5, 21, tzinfo=METER_TIME)
UNITS = 7 * 48
TARGET = Path(__file__).resolve().parents[1] / "ledger" / "day" / "data"

Home = tuple[int, Decimal, str, Decimal, str]
"""Number, load in MW, load profile, PV in MW (0 without), PV profile ("" without)."""


def number(name: str) -> int:
    """SimBench's number of a load: 13 of `LV3.101 Load 13`."""
    return int(name.rsplit(" ", 1)[1])


def choose(net: object) -> list[Home]:
    """The homes of the excerpt, by number."""
    plants = {row.bus: row for row in net.sgen.itertuples()}  # type: ignore[attr-defined]
    loads = sorted(net.load.itertuples(), key=lambda row: number(row.name))  # type: ignore[attr-defined]
    roofs = [row for row in loads if row.bus in plants and Decimal(str(plants[row.bus].p_mw)) <= LARGEST_PV_MW]
    others = [row for row in loads if row.bus not in plants and row.profile.startswith("H0")]
    chosen: list[Home] = []
    for row in roofs + others[: HOMES - len(roofs)]:
        plant = plants.get(row.bus)
        pv = (Decimal(str(plant.p_mw)), plant.profile) if plant is not None else (Decimal(0), "")
        chosen.append((number(row.name), Decimal(str(row.p_mw)), row.profile, *pv))
    return sorted(chosen)


def series(table: object, columns: set[str]) -> dict[str, dict[datetime, Decimal]]:
    """Values per unit by UTC time of the columns wanted; the hour that summer time repeats is far from the excerpt."""
    berlin = ZoneInfo("Europe/Berlin")
    times = [datetime.strptime(text, "%d.%m.%Y %H:%M").replace(tzinfo=berlin).astimezone(UTC) for text in table["time"]]  # type: ignore[index]
    return {name: dict(zip(times, (Decimal(str(value)) for value in table[name]), strict=True)) for name in columns}  # type: ignore[index]


def rows(homes: list[Home], loads: dict[str, dict[datetime, Decimal]], suns: dict[str, dict[datetime, Decimal]]) -> Iterator[list[str]]:
    """Every half-hour of every home, home by home."""
    quarter = timedelta(minutes=15)
    for home, load_mw, load_profile, pv_mw, pv_profile in homes:
        for unit in range(UNITS):
            start = FIRST + unit * 2 * quarter
            bought, sold = Decimal(0), Decimal(0)
            for moment in (start.astimezone(UTC), (start + quarter).astimezone(UTC)):
                sun = suns[pv_profile][moment] if pv_profile else Decimal(0)
                net_wh = (load_mw * loads[load_profile][moment] - pv_mw * sun) * 250_000
                bought += max(net_wh, Decimal(0))
                sold += max(-net_wh, Decimal(0))
            yield [f"home-{home:03}", f"{start:%Y-%m-%d %H:%M}", whole(bought), whole(sold)]


def whole(wh: Decimal) -> str:
    """Whole Wh, half to even."""
    return str(wh.to_integral_value(ROUND_HALF_EVEN))


def text_of(header: list[str], lines: Iterator[list[str]]) -> bytes:
    """A CSV file with LF line ends."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return text.getvalue().encode()


def main() -> None:
    """Writes both files."""
    net = simbench.get_simbench_net(GRID)
    homes = choose(net)
    loads = series(net.profiles["load"], {f"{home[2]}_pload" for home in homes})
    loads = {name.removesuffix("_pload"): values for name, values in loads.items()}
    suns = series(net.profiles["renewables"], {home[4] for home in homes if home[4]})
    readings = text_of(["home", "interval_start", "grid_import_wh", "grid_export_wh"], rows(homes, loads, suns))
    with (TARGET / "readings.csv.gz").open("wb") as target, gzip.GzipFile("", "wb", 9, target, mtime=0) as packed:
        packed.write(readings)
    listed = ([f"home-{home:03}", f"{(pv_mw * 1000).normalize():f}", load, pv] for home, _, load, pv_mw, pv in homes)
    (TARGET / "homes.csv").write_bytes(text_of(["home", "pv_kwp", "load_profile", "pv_profile"], listed))
    count = len(readings.splitlines()) - 1
    print(f"{len(homes)} homes, {sum(1 for home in homes if home[4])} with PV, {count} readings", file=sys.stderr)


if __name__ == "__main__":
    main()
