"""Problems with the machine, each in one sentence."""


class CannotRun(Exception):
    """The machine or the data folder prevents the start. The text is one sentence that says what to do."""
