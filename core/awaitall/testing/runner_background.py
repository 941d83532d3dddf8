"""What must be true of the tasks of a runner, while inputs run and at the prompt."""

from __future__ import annotations

import select
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from awaitall.system import posix
from awaitall.testing.runner_fixtures import RunnerFixtures, goes_on, wait_until

if TYPE_CHECKING:
    from pathlib import Path
    from socket import socket

    from awaitall import Session

__all__ = ["BackgroundTests"]


class BackgroundTests(RunnerFixtures):
    """Tasks in the background."""

    def test_tasks_go_on_in_later_inputs(self, ticking: Session) -> None:
        goes_on(ticking)

    def test_a_task_that_fails_is_reported_and_ends_nothing_else(
        self, ticking: Session, capfd: pytest.CaptureFixture[str]
    ) -> None:
        ticking.spawn(ticking.run("fails()"), name="failing task")
        wait_until(ticking, "'failing' in log")
        goes_on(ticking)
        told = capfd.readouterr().err
        assert told.count("ValueError: in the background") == 1
        assert "failing task" in told

    def test_a_task_that_never_began_is_closed(self, several: None, session: Session, features: frozenset[str]) -> None:
        self.need(features, "background")
        coro = session.run("value(1)")
        session.spawn(coro)
        session.close()
        with pytest.raises(RuntimeError, match="cannot reuse"):
            coro.send(None)

    def test_an_exit_in_a_task_ends_nothing_else(self, ticking: Session, capfd: pytest.CaptureFixture[str]) -> None:
        ticking.run("async def exits():\n    await pause()\n    log.append('exiting')\n    raise SystemExit(3)")
        ticking.spawn(ticking.run("exits()"))
        wait_until(ticking, "'exiting' in log")
        goes_on(ticking)

    def test_a_task_is_listed_by_its_name_until_it_ends(self, ticking: Session) -> None:
        assert "ticker" in [task.name for task in ticking.tasks()]

    def test_a_task_has_its_number_before_it_has_begun(self, ticking: Session) -> None:
        number = ticking.spawn(ticking.run("tick()"), name="not begun")
        assert (number, "not begun") in [(task.number, task.name) for task in ticking.tasks()]

    def test_a_task_is_cancelled_by_its_number(self, ticking: Session) -> None:
        number = ticking.spawn(ticking.run("clean()"), name="to be cancelled")
        wait_until(ticking, "'begun' in log")
        ticking.cancel(number)
        wait_until(ticking, "'cleaned up' in log")
        wait_until(ticking, "'to be cancelled' not in [task.name for task in session.tasks()]")
        assert [task.name for task in ticking.tasks()] == ["ticker"]

    def test_closing_runs_the_cleanup_of_tasks(self, several: None, session: Session, features: frozenset[str]) -> None:
        self.need(features, "background")
        session.spawn(session.run("clean()"))
        wait_until(session, "log")
        assert session.close() == []
        assert session.namespace["log"] == ["begun", "cleaned up"]

    def test_closing_names_the_tasks_that_would_not_end(self, several: None, session: Session, features: frozenset[str]) -> None:
        self.need(features, "background")
        session.spawn(session.run("stubborn()"), name="stubborn task")
        wait_until(session, "log")
        assert session.close(0.1) == ["stubborn task"]
        session.namespace.update(ended=True)

    # -- the prompt -----------------------------------------------------------------------------------------------------

    def test_tasks_go_on_until_there_is_a_key(self, ticking: Session, keyboard: tuple[socket, socket]) -> None:
        prompt, keys = keyboard
        ticking.namespace["keys"] = keys
        ticking.spawn(ticking.run("type_a_key(keys)"))
        while not select.select([prompt], [], [], 0)[0]:
            ticking.pump([prompt.fileno()])
        assert prompt.recv(100) == b"x"
        assert len(ticking.namespace["log"]) >= 3

    def test_a_key_that_is_there_is_not_waited_for(self, ticking: Session, keyboard: tuple[socket, socket]) -> None:
        prompt, keys = keyboard
        keys.send(b"x")
        ticking.pump([prompt.fileno()])
        assert prompt.recv(100) == b"x"

    def test_a_plain_file_is_not_waited_for(
        self, ticking: Session, keyboard: tuple[socket, socket], tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "inputs").write_text("1 + 1")
        with open(tmp_path / "inputs") as file:
            ticking.pump([file.fileno()])
        assert capfd.readouterr().err == ""  # where a runner fails, the session tells it there
        assert ticking.pumps
        assert ticking.run("await value(9)") == 9

    def test_the_prompt_may_wait_for_a_time_only(self, ticking: Session, keyboard: tuple[socket, socket]) -> None:
        ticking.pump([keyboard[0].fileno()], 0.001)
        assert ticking.run("await value(9)") == 9

    def test_the_prompt_finds_its_terminal_as_it_was(self, ticking: Session, keyboard: tuple[socket, socket]) -> None:
        ticking.pump([keyboard[0].fileno()], 0.001)
        assert keyboard[0].getblocking()
        with suppress(AttributeError, OSError):  # Windows tells of pipes alone, since Python 3.12
            assert posix.get_blocking(keyboard[0].fileno())
