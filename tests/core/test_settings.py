"""Settings that would hurt the machine are refused before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreland.core.errors import WorkspaceError
from foreland.core.settings import Settings


@pytest.mark.parametrize(
    "line",
    [
        "threads = 100000000",
        "threads = -1",
        "threads = true",
        'memory_limit = "lots"',
        "reject_share = 2",
        "reject_share = nan",
        "unheard_of = 1",
    ],
)
def test_a_setting_out_of_bounds_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f"format = 1\n{line}\n")
    with pytest.raises(WorkspaceError) as caught:
        Settings.read(path)
    assert line.split(" ")[0] in caught.value.what("en")
    assert str(path) in caught.value.text("zh")


def test_settings_come_back_as_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    settings = Settings(memory_limit="1.5GB", threads=3, reject_share=0.1)
    settings.write(path)
    assert Settings.read(path) == settings
