from __future__ import annotations

import pytest

from engine.settings_schema import GROUPS, SCHEMA, Kind, Setting


@pytest.mark.parametrize("setting", SCHEMA.values(), ids=SCHEMA)
def test_that_a_form_can_be_made_from_the_schema(setting: Setting) -> None:
    assert setting.check(setting.default) == setting.default
    assert setting.title
    assert setting.description.endswith(".")
    assert (setting.kind is Kind.CHOICE) == bool(setting.choices)
    if setting.kind in (Kind.INTEGER, Kind.FRACTION):
        assert -1e9 < setting.minimum < setting.maximum < 1e9
    assert setting.hidden or setting.group in GROUPS
    assert setting.words == () or len(setting.words) == len(setting.choices)
