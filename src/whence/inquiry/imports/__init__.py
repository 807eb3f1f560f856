"""Files of other tools: one kind a file, each a parser of text and the way to recognise it."""
