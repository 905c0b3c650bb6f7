"""Claims: their states, and their places in the text of a document."""
