"""Documents: their text in one normal form, offsets in it, and its segments."""
