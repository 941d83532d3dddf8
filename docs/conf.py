"""How Sphinx builds this documentation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "awaitall"
author = project_copyright = "The awaitall developers"
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


def join_pages(app: Sphinx, error: Exception | None) -> None:
    """Write the pages that the builder of plain text has made into one file, in the order of the sidebar."""
    if error or app.builder.name != "text":
        return
    folder = Path(app.outdir)
    pages = [folder / f"{name}.txt" for name in ("index", *app.env.toctree_includes["index"])]
    (folder / "llms.txt").write_text("\n\n".join(page.read_text(encoding="utf-8") for page in pages), encoding="utf-8")


def setup(app: Sphinx) -> None:
    app.connect("build-finished", join_pages)
