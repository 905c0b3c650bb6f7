"""Reports: what they hold, how claims are chosen, and ClaimReview."""
