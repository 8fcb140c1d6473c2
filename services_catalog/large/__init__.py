"""The search for large catalogues: an index on disk finds candidates, what is known of needs and of the person ranks them."""
