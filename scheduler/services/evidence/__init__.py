"""What is kept outside the database, so that one that was put back to an earlier day is found out."""
