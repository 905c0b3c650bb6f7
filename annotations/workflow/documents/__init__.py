"""Documents: loaded, corrected, and followed through their versions."""
