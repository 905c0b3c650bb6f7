"""Two who want the same rows at once: what one has in hand, and what the other does meanwhile, by subject."""
