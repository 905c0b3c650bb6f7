"""The API of proof."""
