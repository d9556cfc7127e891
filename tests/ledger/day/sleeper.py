"""A program that waits for its end and says goodbye."""

from __future__ import annotations

import signal
import sys
import threading

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
sys.stdout.write("awake\n")
sys.stdout.flush()
stop.wait(60)
sys.stdout.write("goodbye\n")
sys.stdout.flush()
