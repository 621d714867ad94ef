"""Settings come from `.env` and the environment; secrets never print themselves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.errors import SettingsError
from socrbot.settings import Secret, load


def test_env_file_and_environment_are_read_and_the_environment_wins(tmp_path: Path) -> None:
    """What stands in both is taken from the environment; a byte order mark does no harm."""
    (tmp_path / ".env").write_text("\ufeffBSKY_HANDLE=file\nX_API_KEY='in quotes'\n# FB_PAGE_ID=1\n", encoding="utf-8")
    env = load(tmp_path, {"BSKY_HANDLE": "environment"}).env
    assert env.text("BSKY_HANDLE") == "environment"
    assert env.text("X_API_KEY") == "in quotes"
    assert "FB_PAGE_ID" not in env


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    """`X_API_KEY=` in the file means the same as no line."""
    (tmp_path / ".env").write_text("X_API_KEY=\n", encoding="utf-8")
    assert "X_API_KEY" not in load(tmp_path, {}).env


def test_a_value_is_never_filled_in_from_another(tmp_path: Path) -> None:
    """A password with a dollar sign stays as it is."""
    (tmp_path / ".env").write_text("BSKY_APP_PASSWORD='pa${HOME}ss'\n", encoding="utf-8")
    assert load(tmp_path, {}).env.text("BSKY_APP_PASSWORD") == "pa${HOME}ss"


def test_defaults(tmp_path: Path) -> None:
    """Without any setting the ledger is a file in data/, and leases outlast the longest request."""
    settings = load(tmp_path, {})
    assert settings.data == tmp_path / "data"
    assert settings.database == str(tmp_path / "data" / "ledger.sqlite")
    assert settings.lease > timedelta(seconds=sum(settings.timeout))
    assert settings.alarms == ()


@pytest.mark.parametrize("value", ["soon", "-1", "0.0", "nan", "inf"])
def test_a_wrong_number_is_named_without_its_value(tmp_path: Path, value: str) -> None:
    """The message has the variable's name, never what it holds."""
    with pytest.raises(SettingsError, match="SOCRBOT_LEASE_SECONDS") as caught:
        load(tmp_path, {"SOCRBOT_LEASE_SECONDS": value})
    assert value not in str(caught.value).split()


def test_a_lease_that_a_send_could_outlast_is_refused(tmp_path: Path) -> None:
    """Another worker would take the delivery while the first is still sending it."""
    with pytest.raises(SettingsError, match="SOCRBOT_LEASE_SECONDS"):
        load(tmp_path, {"SOCRBOT_LEASE_SECONDS": "30", "SOCRBOT_TIMEOUT_SECONDS": "30"})


def test_a_file_that_is_no_text_is_one_clear_error(tmp_path: Path) -> None:
    """Not a traceback, and not a guess."""
    (tmp_path / ".env").write_bytes("BSKY_HANDLE=\xe9\n".encode("latin-1"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load(tmp_path, {})


def test_secrets_print_as_nothing(tmp_path: Path) -> None:
    """Neither the secret nor what holds it shows its value."""
    settings = load(
        tmp_path, {"X_API_SECRET": "planted-secret-1", "SOCRBOT_ALARM_URLS": "json://user:planted-2@host a://b"}
    )
    shown = f"{settings!r} {settings.env!r} {settings.env['X_API_SECRET']} {settings.alarms} {Secret('planted-3')!r}"
    assert "planted" not in shown
    assert len(settings.alarms) == 2
    assert (
        settings.redactor()("it was planted-secret-1, to json://user:planted-2@host") == "it was [secret], to [secret]"
    )
