"""One module a command; each calls what pages and API call."""
