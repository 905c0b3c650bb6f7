"""Pure rules: states, roles, anchoring, verdicts, addresses, ClaimReview; no framework, no I/O."""
