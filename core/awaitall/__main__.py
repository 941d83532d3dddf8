"""``python -m awaitall``: a console on the standard library alone."""

from __future__ import annotations

from awaitall_console import main

if __name__ == "__main__":
    main()
