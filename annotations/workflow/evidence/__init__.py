"""Evidence: attached to a claim by address or as a file, edited, withdrawn, restored."""
