"""Rewrite the assertions of the suite, so that they tell what they compared."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("awaitall.testing")
