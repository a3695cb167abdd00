"""From the code's own data to pages of the reference: each module makes one kind of page."""
