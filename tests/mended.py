"""Run a module as ``python -m`` does, with what wine lacks mended: ``python mended.py MODULE ARGUMENTS``."""

from __future__ import annotations

import runpy
import sys

import usercustomize  # noqa: F401  # mends trio
import wine

if __name__ == "__main__":
    if wine.is_here():
        wine.mend_prompt_toolkit()
    del sys.argv[0], sys.path[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
