"""The only readers of more than one row: one function a screen, with a fixed number of queries."""
