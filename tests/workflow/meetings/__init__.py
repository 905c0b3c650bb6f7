"""Two people or workers who want the same rows: which rows one has locked, and what the other does then."""
