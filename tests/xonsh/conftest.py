"""Shared by the tests of xonsh."""

from __future__ import annotations

import pytest

from scripts import Scripts


@pytest.fixture
def script(tmp_path):
    """Runs scripts, in a folder that nothing else uses."""
    return Scripts(tmp_path)
