"""The API of captures."""
