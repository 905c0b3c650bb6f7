"""Demonstration material: texts, source pages, and the desk that `load_sample` makes from them."""
