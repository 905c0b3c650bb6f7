"""Evidence: its stance, and the passage it relies on."""
