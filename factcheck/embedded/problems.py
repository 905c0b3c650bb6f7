"""What can be wrong with the machine, said in one sentence."""


class CannotRun(Exception):
    """The machine or the data folder is in the way; the text is one sentence that says what to do."""
