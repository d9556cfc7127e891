"""What `sonang campaign` answers, as JSON and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape

from ledger.campaigns.queries import STAGES, CampaignReport
from ledger.cli.answers import say, say_json
from ledger.cli.moments import moment
from ledger.cli.tables import Code, listing, show_table

WORDS: Mapping[str, str] = {
    "chosen": "chờ soạn · to be drafted",
    "drafted": "đã soạn · drafted",
    "invited": "chờ khách ký · waiting for the customer",
    "signed": "khách đã ký · signed by the customer",
    "sealed": "đã ghi nhận · sealed and recorded",
    "issued": "đã phát hành · issued and logged",
    "stuck": "vướng mắc · stuck",
    "cancelled": "thôi ký vì chiến dịch đã huỷ · not signed any more: the campaign was cancelled",
}


def tell_report(now: CampaignReport, *, as_json: bool = False) -> None:
    """How far a campaign is, and who is stuck and why."""
    if as_json:
        say_json(asdict(now))
        return
    say(f"{now.name}: {now.kind}, {now.total} khách hàng · customers")
    tell_cancelled(now)
    for stage in STAGES:
        if now.counts[stage]:
            say(f"  {now.counts[stage]:>7} {WORDS[stage]}")
    if now.reminded:
        say(f"  {now.reminded:>7} đã được nhắc ký · reminded to sign")
    if now.stuck:
        table = listing(Code("Khách hàng · Customer"), Code("Mã tra cứu · Code"), "Đã tới · Came to", "Lý do · Why")
        for one in now.stuck:
            beside = f"\ntin nhắn · message: {one.message}" if one.message and one.message not in one.why else ""
            table.add_row(escape(one.label), one.lookup_code or "–", WORDS.get(one.stage, one.stage), escape(one.why + beside))
        show_table(Console(highlight=False), table)


def tell_cancelled(now: CampaignReport) -> None:
    """That a campaign was given up, when, by whom and why, and what is left to end."""
    if now.cancelled is None:
        return
    say(f"  đã huỷ · cancelled {moment(now.cancelled.at_s)} (giờ Việt Nam · Vietnam time), {now.cancelled.by}: {now.cancelled.why}")
    if left := now.counts["drafted"] + now.counts["invited"]:
        say(f"  {left:>7} chưa được dừng · not withdrawn yet: run `sonang campaign cancel` again")


def tell_left_out(left_out: Mapping[str, str]) -> None:
    """Who was left out at the start, and where they have such a document."""
    if left_out:
        say(f"  {len(left_out):>7} bỏ qua vì đã có hoặc sắp có · left out, who have one or are about to get one:")
    for label, where in left_out.items():
        say(f"          {label}  {where}")
