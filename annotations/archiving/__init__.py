"""What makes a fetched page provable later: the exchange, what was stated about it, and how to check both."""
