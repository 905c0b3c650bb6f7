"""Proof of captures: links of the chain, time stamps, other archives, and totals."""
