"""Pure rules: states, roles, anchoring, verdicts, addresses, ClaimReview. No framework, no input or output."""
