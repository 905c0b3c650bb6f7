"""One module for each command. Commands call the same functions as pages and API."""
