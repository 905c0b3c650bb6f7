"""The pages: HTTP in and out, no rules."""
