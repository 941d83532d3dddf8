"""``python -m awaitall [SHELL] [ARGUMENT ...]``: start a shell that awaits; by default the one that takes no other package."""

from __future__ import annotations

import sys

from awaitall.launcher import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
