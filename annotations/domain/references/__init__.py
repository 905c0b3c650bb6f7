"""References: web addresses, parsed and compared."""
