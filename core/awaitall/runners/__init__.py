"""The runners that awaitall brings along; :class:`awaitall.Runner` is what each of them is."""

from __future__ import annotations
