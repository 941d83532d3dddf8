"""Run this Python in a pseudo console of Windows, which is at the other end of our standard streams.

    python pseudo_console.py new COLUMNS LINES ARGUMENTS

Run by a Python for Windows. What the console shows goes to standard output, as a terminal would be sent it. Standard input is
made of messages: K for keys, or C for Ctrl-C, two bytes with the length of the rest, and the rest. The exit status is that of
the program; where the input ends first, so does the program. The ResizePseudoConsole() of wine 8 does nothing.
"""

from __future__ import annotations

import ctypes
import msvcrt
import os
import subprocess
import sys
import threading
from ctypes import wintypes

_kernel = ctypes.WinDLL("kernel32", use_last_error=True)

_EXTENDED_STARTUPINFO_PRESENT = 0x80000
_CREATE_UNICODE_ENVIRONMENT = 0x400
_STARTF_USESTDHANDLES = 0x100
_PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE = 0x20016
_JOB_OBJECT_EXTENDED_LIMIT_INFORMATION = 9
_JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE = 0x2000
_CTRL_C_EVENT = 0
_KEY_EVENT = 1
_LEFT_CTRL_PRESSED = 8
_INFINITE = 0xFFFFFFFF


class _Size(ctypes.Structure):
    _fields_ = (("columns", ctypes.c_short), ("lines", ctypes.c_short))


class _StartupInfo(ctypes.Structure):
    """STARTUPINFOEXW, processthreadsapi.h."""

    _fields_ = (
        ("cb", wintypes.DWORD),
        ("names", wintypes.LPWSTR * 3),
        ("numbers", wintypes.DWORD * 7),
        ("flags", wintypes.DWORD),
        ("show", wintypes.WORD),
        ("reserved", wintypes.WORD),
        ("reserved2", ctypes.c_void_p),
        ("streams", wintypes.HANDLE * 3),
        ("attributes", ctypes.c_void_p),
    )


class _ProcessInformation(ctypes.Structure):
    _fields_ = (("process", wintypes.HANDLE), ("thread", wintypes.HANDLE), ("pid", wintypes.DWORD), ("tid", wintypes.DWORD))


class _KeyRecord(ctypes.Structure):
    """INPUT_RECORD of a key, wincontypes.h."""

    _fields_ = (
        ("kind", wintypes.WORD),
        ("down", wintypes.BOOL),
        ("repeated", wintypes.WORD),
        ("key", wintypes.WORD),
        ("scan_code", wintypes.WORD),
        ("character", wintypes.WCHAR),
        ("modifiers", wintypes.DWORD),
    )


class _JobLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION, winnt.h, on 64 bits."""

    _fields_ = (("times", ctypes.c_longlong * 2), ("flags", wintypes.DWORD), ("rest", ctypes.c_longlong * 15))


def _call(name, *arguments):
    """Call a function of the system that returns whether it has succeeded."""
    if not getattr(_kernel, name)(*arguments):
        raise ctypes.WinError(ctypes.get_last_error())


def _pipe():
    ends = wintypes.HANDLE(), wintypes.HANDLE()
    _call("CreatePipe", ctypes.byref(ends[0]), ctypes.byref(ends[1]), None, 0)
    return ends


@ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.DWORD)
def _ignore_ctrl_c(event):
    return event == _CTRL_C_EVENT


class Console:
    """A pseudo console with a program in it, which is ended with this process at the latest."""

    def __init__(self, columns, lines, command):
        keys, self._keys = _pipe()
        self._shown, shown = _pipe()
        self._console = wintypes.HANDLE()
        _kernel.CreatePseudoConsole.argtypes = [_Size, wintypes.HANDLE, wintypes.HANDLE, wintypes.DWORD, ctypes.c_void_p]
        if _kernel.CreatePseudoConsole(_Size(columns, lines), keys, shown, 0, ctypes.byref(self._console)):
            raise OSError("there is no pseudo console")
        _kernel.CloseHandle(keys)
        _kernel.CloseHandle(shown)
        self._records = None
        self._start(command)

    def _start(self, command):
        size = ctypes.c_size_t()
        _kernel.InitializeProcThreadAttributeList(None, 1, 0, ctypes.byref(size))
        attributes = ctypes.create_string_buffer(size.value)
        _call("InitializeProcThreadAttributeList", attributes, 1, 0, ctypes.byref(size))
        kind = ctypes.c_size_t(_PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE)
        handle_size = ctypes.c_size_t(ctypes.sizeof(self._console))
        _call("UpdateProcThreadAttribute", attributes, 0, kind, self._console, handle_size, None, None)
        info = _StartupInfo(cb=ctypes.sizeof(_StartupInfo), attributes=ctypes.addressof(attributes))
        info.flags = _STARTF_USESTDHANDLES  # of which there are none: else it would get those of this process
        found = _ProcessInformation()
        line = ctypes.create_unicode_buffer(subprocess.list2cmdline(command))
        flags = _EXTENDED_STARTUPINFO_PRESENT | _CREATE_UNICODE_ENVIRONMENT
        _call("CreateProcessW", None, line, None, None, False, flags, None, None, ctypes.byref(info), ctypes.byref(found))
        self._process, self._pid = wintypes.HANDLE(found.process), found.pid
        _kernel.CreateJobObjectW.restype = wintypes.HANDLE
        job = wintypes.HANDLE(_kernel.CreateJobObjectW(None, None))
        limits = _JobLimits(flags=_JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE)
        _call("SetInformationJobObject", job, _JOB_OBJECT_EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), ctypes.sizeof(limits))
        _call("AssignProcessToJobObject", job, self._process)

    def type(self, keys):
        """Type keys, as a terminal sends them."""
        written = wintypes.DWORD()
        while keys:
            _call("WriteFile", self._keys, keys, len(keys), ctypes.byref(written), None)
            keys = keys[written.value :]

    def press_ctrl_c(self):
        """Press Ctrl-C; at the character that a terminal sends for it, wine's console would end."""
        if self._records is None:
            _call("SetConsoleCtrlHandler", _ignore_ctrl_c, True)
            _kernel.FreeConsole()
            _call("AttachConsole", self._pid)
            self._records = msvcrt.get_osfhandle(os.open("CONIN$", os.O_RDWR | os.O_BINARY))
        record, written = _KeyRecord(_KEY_EVENT, True, 1, ord("C"), 0, "\x03", _LEFT_CTRL_PRESSED), wintypes.DWORD()
        _call("WriteConsoleInputW", wintypes.HANDLE(self._records), ctypes.byref(record), 1, ctypes.byref(written))

    def shown(self):
        """Yield what the console shows, until it is closed."""
        data, count = ctypes.create_string_buffer(65536), wintypes.DWORD()
        while _kernel.ReadFile(self._shown, data, len(data), ctypes.byref(count), None):
            yield data.raw[: count.value]

    def wait(self):
        """Wait until the program has ended; return its exit status."""
        _kernel.WaitForSingleObject(self._process, _INFINITE)
        status = wintypes.DWORD()
        _call("GetExitCodeProcess", self._process, ctypes.byref(status))
        return status.value

    def close(self):
        """Close the console."""
        _kernel.ClosePseudoConsole(self._console)


def run_here(*arguments):
    """Run this Python in the console of this process, and end as it does; wine gives no streams to what is first in one."""
    _call("SetConsoleCtrlHandler", _ignore_ctrl_c, True)
    keyboard, screen = os.open("CONIN$", os.O_RDWR | os.O_BINARY), os.open("CONOUT$", os.O_RDWR | os.O_BINARY)
    os._exit(subprocess.call([sys.executable, *arguments], stdin=keyboard, stdout=screen, stderr=screen) & 0xFF)


def run_in_new(columns, lines, *arguments):
    """Run this Python in a new console, and end as it does."""
    console = Console(int(columns), int(lines), [sys.executable, "-S", __file__, "here", *arguments])
    showing = threading.Thread(target=_show, args=(console,), daemon=True)
    showing.start()
    threading.Thread(target=_obey, args=(console,), daemon=True).start()
    status = console.wait()
    console.close()
    showing.join(10)
    os._exit(status)


def _show(console):
    for data in console.shown():
        os.write(1, data)


def _obey(console):
    keyboard = open(0, "rb", closefd=False)  # noqa: SIM115
    while len(head := keyboard.read(3)) == 3:
        data = keyboard.read(int.from_bytes(head[1:], "big"))
        if head.startswith(b"K"):
            console.type(data)
        else:
            console.press_ctrl_c()
    os._exit(1)


if __name__ == "__main__":
    {"new": run_in_new, "here": run_here}[sys.argv[1]](*sys.argv[2:])
