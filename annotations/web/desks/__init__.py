"""The pages of desks, their people, and the account."""
