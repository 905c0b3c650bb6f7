"""The API of references."""
