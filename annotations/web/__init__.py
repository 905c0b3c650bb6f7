"""The pages: they read requests and render answers, and hold no rules."""
