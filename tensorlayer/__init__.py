"""tensorlayer: a tensor expression is written once and computed by whatever holds the data."""
