"""The sentences people read, made from codes and what was found."""
