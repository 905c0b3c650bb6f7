"""Claims: their states, and where they stand in the text of a document."""
