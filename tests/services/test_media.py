"""An image that was stored is there after a power cut: its row in the database will be."""

import os
from pathlib import Path

import pytest

from scheduler.services.media import MediaFolder


def test_an_image_and_its_name_are_on_the_disk_before_its_path_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    sync = os.fsync

    def noting(descriptor: int) -> None:
        sync(descriptor)
        synced.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", noting)
    stored = tmp_path / MediaFolder(tmp_path).put(b"teal")
    assert synced == [path.stat().st_ino for path in (stored, stored.parent, tmp_path)]
