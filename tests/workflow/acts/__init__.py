"""What people and workers do that leaves a line in the log, one function for each, by subject."""
