"""What the cells with gates (kinds `lstm` and `gru`) have in common; the inside of a cell stands in its own kind."""
