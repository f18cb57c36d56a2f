from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from engine.bulletin import Bulletin, News, SettingChanged
from engine.errors import SettingsError
from engine.settings import Settings
from engine.settings_schema import SCHEMA, Value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "settings.json"


def settings_in(file: Path) -> Settings:
    return Settings(file, Bulletin())


def test_that_before_anything_is_chosen_the_defaults_hold_and_nothing_is_written(file: Path) -> None:
    settings = settings_in(file)
    assert all(settings[key] == setting.default for key, setting in SCHEMA.items())
    assert (settings["appearance"], settings["sure_above"], settings["history_days"]) == ("system", 0.8, 365)
    assert not file.parent.exists()


def test_that_a_choice_outlives_the_program_and_is_told(file: Path) -> None:
    bulletin = Bulletin()
    heard: list[News] = []
    settings = Settings(file, bulletin)
    bulletin.listen(heard.append)
    settings.set("appearance", "dark")
    settings.set("appearance", "dark")
    assert heard == [SettingChanged("appearance")]
    assert settings_in(file)["appearance"] == "dark"


def test_that_reset_goes_back_to_the_default(file: Path) -> None:
    settings = settings_in(file)
    settings.set("threads", 3)
    settings.reset("threads")
    assert settings["threads"] == 0
    assert json.loads(file.read_text()) == {}


def test_that_a_listener_may_read_the_settings(file: Path) -> None:
    bulletin = Bulletin()
    settings = Settings(file, bulletin)
    seen: list[Value] = []
    bulletin.listen(lambda news: seen.append(settings["threads"]))
    settings.set("threads", 2)
    assert seen == [2]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("appearance", "pink"),
        ("sure_above", 0.2),
        ("sure_above", float("nan")),
        ("sure_above", "0.9"),
        ("threads", True),
        ("threads", 1.5),
        ("threads", 65),
        ("show_heat_map", 1),
        ("history_days", -1),
        ("history_days", float("inf")),
    ],
)
def test_that_a_value_out_of_range_is_refused_with_what_is_allowed(file: Path, key: str, value: Value) -> None:
    settings = settings_in(file)
    with pytest.raises(SettingsError) as refused:
        settings.set(key, value)
    assert SCHEMA[key].title in refused.value.message
    assert refused.value.hint
    assert settings[key] == SCHEMA[key].default
    assert not file.exists()


def test_that_a_misspelt_setting_is_answered_with_the_nearest_name(file: Path) -> None:
    with pytest.raises(SettingsError, match="Did you mean threads"):
        settings_in(file).get("thread")


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe\x00", b'"text"', b"[" * 100_000])
def test_that_a_damaged_file_is_set_aside_and_said(file: Path, damage: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(damage)
    settings = settings_in(file)
    assert settings["threads"] == 0
    assert len(settings.problems) == 1
    aside = file.with_name("settings.json.damaged-1")
    assert str(aside) in settings.problems[0]
    assert aside.read_bytes() == damage
    settings.set("threads", 2)
    assert settings_in(file).problems == []


def test_that_one_wrong_value_does_not_cost_the_others(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(json.dumps({"threads": "many", "appearance": "dark"}))
    settings = settings_in(file)
    assert (settings["threads"], settings["appearance"]) == (0, "dark")
    assert "'many'" in settings.problems[0]


def test_that_keys_of_a_newer_version_are_kept(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(json.dumps({"from_the_future": {"a": [1]}}))
    settings_in(file).set("threads", 2)
    assert json.loads(file.read_text()) == {"from_the_future": {"a": [1]}, "threads": 2}


def test_that_two_programs_on_one_home_do_not_undo_each_other(file: Path) -> None:
    window, terminal = settings_in(file), settings_in(file)
    window.set("appearance", "dark")
    terminal.set("threads", 2)
    assert terminal["appearance"] == "dark"
    assert settings_in(file)["appearance"] == "dark"


def test_that_many_threads_may_change_settings_at_once(file: Path) -> None:
    settings = settings_in(file)
    failures: list[BaseException] = []

    def change(key: str, values: list[Value]) -> None:
        try:
            for value in values:
                settings.set(key, value)
        except SettingsError as error:
            failures.append(error)

    threads = [
        threading.Thread(target=change, args=("threads", list(range(1, 11)))),
        threading.Thread(target=change, args=("history_days", list(range(11, 21)))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert json.loads(file.read_text()) == {"threads": 10, "history_days": 20}


def test_that_a_full_disk_is_said_and_changes_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_in(file)
    settings.set("threads", 2)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="No space left on device"):
        settings.set("threads", 4)
    assert settings["threads"] == 2
    assert json.loads(file.read_text()) == {"threads": 2}


def test_that_a_home_that_is_no_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    settings = settings_in(tmp_path / "home" / "settings.json")
    assert settings["threads"] == 0
    with pytest.raises(SettingsError, match="could not be saved"):
        settings.set("threads", 2)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps such rights otherwise")
def test_that_nobody_else_may_read_what_holds_the_servers_token(file: Path) -> None:
    settings_in(file).set("server_token", "secret")
    assert file.stat().st_mode & 0o077 == 0
    file.chmod(0o644)
    settings_in(file).set("server_port", 5001)
    assert file.stat().st_mode & 0o077 == 0
