"""What programs print: made plain, made harmless, kept within bounds, kept whole on the side."""
