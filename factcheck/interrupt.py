"""Ctrl-C from the first moment: bootstrap.py blocks it while the program loads, and this unblocks it."""

import signal


def heed_ctrl_c() -> None:
    """Let Ctrl-C raise KeyboardInterrupt from now on. One that was blocked raises it at once."""
    # Said outright: a shell that starts this in the background has its children ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
