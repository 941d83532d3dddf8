"""How Sphinx builds this documentation."""

from __future__ import annotations

import re
from pathlib import Path

project = "awaitall"
author = "The awaitall developers"
_pyproject = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
version = release = re.search(r'(?m)^version = "(.+)"', _pyproject)[1]
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["examples"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
autodoc_mock_imports = ["pexpect", "pyte", "pytest"]  # awaitall.testing takes it, building this does not
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
html_theme = "furo"
html_title = "awaitall"
html_show_sourcelink = False
