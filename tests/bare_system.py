"""Imported first, takes away from a Python what not every system has; for programs that tests start.

What Python itself and the libraries need keeps it: the names go once those that take them for granted have been imported.
"""

from __future__ import annotations

import asyncio
import os
import select
import selectors
import signal
import sys

#: Modules that are not everywhere.
MODULES = ("fcntl", "grp", "pty", "pwd", "readline", "resource", "termios", "tty")

#: Names that are not everywhere.
NAMES = {
    os: """
        fchown fork forkpty get_blocking getegid geteuid getpgid getpgrp getppid getuid killpg login_tty mkfifo openpty
        pidfd_open posix_spawn register_at_fork set_blocking setpgid setsid tcgetpgrp tcsetpgrp ttyname wait wait3 wait4 waitid
        WNOHANG""",
    select: "devpoll epoll kqueue poll",
    selectors: "DevpollSelector EpollSelector KqueueSelector PollSelector",
    signal: """
        SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGQUIT SIGTSTP SIGTTIN SIGTTOU SIGURG SIGUSR1 SIGUSR2 SIGWINCH SIG_BLOCK getitimer
        pause pthread_kill pthread_sigmask setitimer siginterrupt sigpending sigwait""",
}


def take_away() -> None:
    """Take the names and modules away, and the file descriptors that asyncio can wait for, as on Windows."""
    for module in MODULES:
        sys.modules[module] = None
    for owner, names in NAMES.items():
        for name in names.split():
            if hasattr(owner, name):
                delattr(owner, name)
    selectors.DefaultSelector = selectors.SelectSelector
    asyncio.SelectorEventLoop.add_reader = asyncio.AbstractEventLoop.add_reader
    asyncio.SelectorEventLoop.remove_reader = asyncio.AbstractEventLoop.remove_reader
    asyncio.SelectorEventLoop.add_signal_handler = asyncio.AbstractEventLoop.add_signal_handler
