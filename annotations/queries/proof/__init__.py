"""Proof of captures: manifests in the chain, time stamps, other archives, and totals."""
