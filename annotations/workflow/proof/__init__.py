"""Proof of captures: the signed chain, time stamps, other archives, verification, downloads."""
