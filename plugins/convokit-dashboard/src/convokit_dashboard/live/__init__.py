"""What makes the pages move by themselves: one look at the change feed for everybody who watches."""
