"""Reports: verified claims, frozen."""
