"""Ctrl-C from the first moment: bootstrap.py holds it back while the program is loaded, this lets it in."""

import signal


def heed_ctrl_c() -> None:
    """Let Ctrl-C raise KeyboardInterrupt from here on; one that was held back does so now."""
    # Said outright: a shell that starts this in the background has its children ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
