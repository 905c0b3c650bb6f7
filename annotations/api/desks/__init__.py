"""The API of desks, their people, and the account."""
