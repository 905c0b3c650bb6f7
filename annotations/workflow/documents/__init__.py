"""Documents: loaded, corrected, and revised by newer versions."""
