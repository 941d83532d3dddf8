"""A shell as simple as can be: it reads a line, evaluates it in a session, and shows what came of it. Its tests start it."""

from __future__ import annotations

import sys
import traceback

from awaitall.shells import new_session

PROMPT = "simple> "


def show(session, outcome):
    print(outcome.text, end="")
    if outcome.error is not None:
        traceback.print_exception(outcome.error)
    elif outcome.value is not None:
        session.namespace["_"] = outcome.value
        print(repr(outcome.value))


def main():
    session = new_session()
    try:
        while True:
            try:
                print(PROMPT, end="", flush=True)
                line = sys.stdin.readline()
            except KeyboardInterrupt:
                print()
                continue
            if not line:
                break
            show(session, session.evaluate(line))
    finally:
        session.shutdown()


if __name__ == "__main__":
    main()
