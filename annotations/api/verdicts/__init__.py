"""The API of verdicts and reviews."""
