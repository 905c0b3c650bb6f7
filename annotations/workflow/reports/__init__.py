"""Reports: verified claims that are frozen and never change again."""
