"""What awaitall costs beside its peers, in one run: ``python -m benchmarks``, or ``tox run -e bench``.

The machine that this runs on has other work to do. So whatever is compared takes turns, each turn gives a ratio, and the median
of the ratios stands beside their quartiles; where a process can be asked, its processor time stands beside the clock.
"""

from __future__ import annotations
