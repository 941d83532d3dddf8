"""Commands that are awaited: the event loop reads what the processes of a pipeline print, and waits for them.

The first step is :mod:`~awaitall_xonsh.awaited_commands.syntax`, while an input is parsed. A command that is awaited becomes a
call of :func:`awaitall_xonsh.awaited_command`, which returns a :class:`~awaitall_xonsh.awaited_commands.command.Command`. That is
a :class:`~awaitall_xonsh.awaited_commands.pipeline.Pipeline` with an :class:`~awaitall_xonsh.awaited_commands.input.Input` and
:class:`~awaitall_xonsh.awaited_commands.streams.Streams`.

xonsh does all the rest, as for a command that is not awaited: aliases, redirections, the environment, events, messages, the
result. It starts a pipeline by calling the class of each of its commands. The classes that stand there are ours:

- :class:`~awaitall_xonsh.awaited_commands.process.Process` only notes which program is to be started. That is done when xonsh is
  done with the whole pipeline.
- :class:`~awaitall_xonsh.awaited_commands.alias_thread.AliasThread` runs an alias that is a function in a thread, as always.

Commands are awaited on asyncio and trio, by anyio. Names used here were seen in xonsh 0.23 to 0.25.
"""
