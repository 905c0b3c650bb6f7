"""The evidence of claims, and the texts in which its passages are chosen."""
