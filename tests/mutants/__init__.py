"""`make mutants`: change the program a little, and see whether a test notices."""
