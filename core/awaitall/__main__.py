"""``python -m awaitall``: what ``awaitall`` does, see :mod:`awaitall.launcher`."""

from __future__ import annotations

import sys

from awaitall.launcher import main

if __name__ == "__main__":
    sys.exit(main())
