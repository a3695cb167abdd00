"""Posts on their way into the books: read from tables, judged, filed, given deliveries, and approved."""
