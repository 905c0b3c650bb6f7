"""Captures: their rows and files, the text extracted from them, and how two of one page compare."""
