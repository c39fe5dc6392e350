"""The embedded default: ears, voice and brain that run on this machine.

The models' threads meet at a barrier hundreds of times a token. By default they spin there, and on
a machine whose cores are busy a spinning thread keeps the core from the thread it waits for: the
brain fell from 12 to 1 token a second beside seven busy processes on two cores. Waiting passively,
it kept 10. The variables are read when the libraries load, so they are set before any of them is.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("KMP_BLOCKTIME", "0")
