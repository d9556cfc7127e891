"""A list is taken whole or not at all, and the first thing wrong with it is named by line and column."""

from __future__ import annotations

import pytest

from ledger.agreements.kinds import kind_named
from ledger.agreements.kinds.told import facts_told
from ledger.campaigns.rules import read_list
from ledger.errors import InputError
from tests.ledger.campaigns.customers import COMMON, KIND, customer, listed


def test_the_segment_is_who_uses_more_and_the_largest_come_first() -> None:
    chosen = read_list("\ufeff" + listed([customer(number) for number in (0, 3, 1, 2)]), KIND, COMMON, over_kwh=3_000)
    assert [one.kwh_per_month for one in chosen] == [3_200, 3_100]
    assert chosen[0].given["contacts"] == {"email": "khach3@example.vn", "sms": "+84910000003"}
    assert chosen[0].given["facts"]["capacity_w"] == 5_000
    assert len(read_list(listed([customer(0)]), KIND, COMMON)) == 1


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_list_may_be_parted_as_a_vietnamese_spreadsheet_saves_it(delimiter: str) -> None:
    rows = [customer(0), customer(1, address=f"2 phố Huế{delimiter} tầng 3, phòng 5")]
    assert read_list(listed(rows, delimiter), KIND, COMMON) == read_list(listed(rows), KIND, COMMON)


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ({"capacity_w": "năm nghìn"}, "line 3, capacity_w"),
        ({"capacity_w": "-5"}, "line 3, capacity_w"),
        ({"contract_number": ""}, "line 3, contract_number"),
        ({"kwh_per_month": "3000.5"}, "line 3, kwh_per_month"),
        ({"phone": "12345"}, "line 3, phone"),
        ({"email": "lan@@example.vn"}, "line 3, email"),
        ({"name": ""}, "line 3, name"),
        ({"customer_code": "PE15000000000"}, "line 3, customer_code"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_taken(row: dict[str, str], where: str) -> None:
    with pytest.raises(InputError) as refused:
        read_list(listed([customer(0), customer(1, **row)]), KIND, COMMON)
    assert refused.value.field == where
    assert refused.value.fix


@pytest.mark.parametrize("name", ["customer_code", "contract_number", "meter_serial"])
def test_what_is_one_customers_alone_stands_in_a_list_once_and_both_lines_are_named(name: str) -> None:
    rows = [customer(0), customer(1), customer(2, **{name: customer(0)[name]})]
    with pytest.raises(InputError, match="stands in line 2 too") as refused:
        read_list(listed(rows), KIND, COMMON)
    assert refused.value.field == f"line 4, {name}"


@pytest.mark.parametrize("wrong", [{"colour": "red"}, {"phases": "one"}, {"utility_address": 5}])
def test_a_wrong_common_fact_is_told_with_the_name_of_its_file(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        read_list(listed([customer(0)]), KIND, {**COMMON, **wrong}, common_name="utility.json")
    assert refused.value.field == f"utility.json, {next(iter(wrong))}"


def test_a_customer_nobody_can_reach_is_refused() -> None:
    rows = [{name: value for name, value in customer(0).items() if name not in {"email", "phone"}}]
    with pytest.raises(InputError, match="phone"):
        read_list(listed(rows), KIND, COMMON)


def test_columns_that_mean_nothing_and_lists_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="no such column: salary, wage –"):
        read_list(listed([customer(0, salary="1", wage="2")]), KIND, COMMON)
    with pytest.raises(InputError, match=r"columns are missing: kwh_per_month, contract_number, .*phone") as lacking:
        read_list("customer_code,name\nPE1,Hoà\n", KIND, COMMON)
    told = str(lacking.value)
    assert all(told.count(f"{name},") + told.count(f"{name} ") <= 1 for name in ("customer_code", "phone", "email", "zalo"))
    assert not [name for name in COMMON if f" {name}," in told]
    shared = {one.name: "x" for one in facts_told(kind_named("connection-plan").facts)}
    with pytest.raises(InputError, match="columns are missing: email or phone or zalo"):
        read_list("customer_code,name,kwh_per_month\nPE1,Hoà,1\n", "connection-plan", shared)
    with pytest.raises(InputError, match="more or fewer cells"):
        read_list(listed([customer(0)]).rstrip() + ",one too many\n", KIND, COMMON)
    with pytest.raises(InputError, match="not CSV"):
        read_list(listed([customer(0)]) + '"never closed', KIND, COMMON)
