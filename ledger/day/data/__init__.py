"""The demo's own week of readings, an excerpt of the SimBench benchmark (see README.md beside this file for its licence)."""

from __future__ import annotations

from pathlib import Path

READINGS = Path(__file__).with_name("readings.csv.gz")
"""40 homes, half-hours, columns home, interval_start, grid_import_wh, grid_export_wh."""

HOMES = Path(__file__).with_name("homes.csv")
"""Installed PV power by home."""

TIME_ZONE = "UTC+1"
FIRST_DAY = "2016-05-21"
DAYS = 7
NOTICE = "Contains information from SimBench, which is made available under the Open Database License (ODbL) 1.0."
"""What whoever shows something computed from these files says with it."""
