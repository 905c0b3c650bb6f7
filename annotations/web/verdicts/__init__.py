"""The pages of verdicts and reviews."""
