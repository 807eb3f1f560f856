"""What would stop a piece of traffic: one kind of remedy a file, each from facts alone. Pure."""
