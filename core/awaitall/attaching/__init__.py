"""A prompt inside a program that runs already: what stands in the program, and what the prompt talks to it by.

In the program: :mod:`.serving` listens, :mod:`.conversation` does what one prompt asks, and is called by :mod:`.doorbell`.
At the prompt: :mod:`.processes` tells whether there is a way in, :mod:`.entering` goes it, :mod:`.remote_session` asks. Both
sides speak by :mod:`.channel`.
"""

from __future__ import annotations
