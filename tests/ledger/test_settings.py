"""Settings: from the environment alone, wrong ones named, secrets never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.errors import SettingsError
from ledger.settings import Settings, find_project_root, load_settings

KEY = "0x" + "ab" * 32


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SONANG_{name.upper()}", raising=False)


def test_nothing_needs_to_be_set(project_root: Path) -> None:
    settings = load_settings()
    assert settings.project_root == project_root
    assert settings.state_dir == project_root / ".sonang"
    assert settings.api_host == "127.0.0.1"
    assert settings.database_url is settings.rpc_url is settings.operator_key is None


def test_links_lead_to_the_port_that_is_served_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().public_url == "http://localhost:8000"
    monkeypatch.setenv("SONANG_API_PORT", "8123")
    assert load_settings().public_url == "http://localhost:8123"
    monkeypatch.setenv("SONANG_PUBLIC_URL", "https://ky.dienluc.example")
    assert load_settings().public_url == "https://ky.dienluc.example"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("SONANG_DATABASE_URL", "mysql://root@localhost/x", "must begin with postgresql://"),
        ("SONANG_RPC_URL", "localhost:8545", "must begin with http:// or https://"),
        ("SONANG_OPERATOR_KEY", "0x" + "00" * 32, "must be 0x and 64 hex digits"),
        ("SONANG_OPERATOR_KEY", "f" * 64, "must be 0x and 64 hex digits"),
        ("SONANG_DEPLOYER_KEY", KEY[:-1], "must be 0x and 64 hex digits"),
        ("SONANG_GUARDIAN_KEY", KEY[:-1] + "g", "must be 0x and 64 hex digits"),
        ("SONANG_API_PORT", "70000", "less than or equal to 65535"),
        ("SONANG_CONFIRMATIONS", "-1", "greater than or equal to 0"),
        ("SONANG_LOG_LEVEL", "loud", "debug"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str, problem: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=problem) as wrong:
        load_settings()
    assert wrong.value.field == name
    assert wrong.value.fix


def test_a_secret_is_repeated_neither_in_an_error_nor_in_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONANG_OPERATOR_KEY", "correct horse battery staple")
    with pytest.raises(SettingsError) as wrong:
        load_settings()
    assert "horse" not in str(wrong.value)
    assert wrong.value.__cause__ is None
    monkeypatch.setenv("SONANG_OPERATOR_KEY", KEY)
    monkeypatch.setenv("SONANG_DATABASE_URL", "postgresql://ann:geheim@db/ledger")
    shown = repr(load_settings())
    assert KEY[2:] not in shown
    assert "geheim" not in shown


def test_an_unknown_name_is_refused_with_the_nearest_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONANG_OPERTOR_KEY", KEY)
    with pytest.raises(SettingsError, match="did you mean SONANG_OPERATOR_KEY") as wrong:
        load_settings()
    assert wrong.value.field == "SONANG_OPERTOR_KEY"


def test_a_name_like_nothing_known_lists_what_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONANG_QQQQQQ", "1")
    with pytest.raises(SettingsError, match="known are SONANG_API_HOST"):
        load_settings()


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONANG_RPC_URL", "")
    assert load_settings().rpc_url is None


def test_the_project_is_found_from_below_and_from_elsewhere(project_root: Path, tmp_path: Path) -> None:
    assert find_project_root(project_root / "ledger" / "chain") == project_root
    assert find_project_root(tmp_path) == project_root
    (tmp_path / "devchain.toml").touch()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    assert find_project_root(tmp_path / "deep" / "er") == tmp_path
