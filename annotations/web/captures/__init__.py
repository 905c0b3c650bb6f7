"""The pages of captures."""
