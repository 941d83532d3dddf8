"""``python -m awaitall_bpython``: bpython, with all of its own options, and top-level await."""

from __future__ import annotations

import sys

from awaitall_bpython.launcher import main

if __name__ == "__main__":
    sys.exit(main())
