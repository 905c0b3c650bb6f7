"""The sentences people read, built from codes and findings."""
