"""One module of views a part of the workbench; each brings its own addresses."""
