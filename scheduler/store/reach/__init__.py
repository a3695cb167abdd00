"""What reports ask of the books, and what is kept of reports: facts, goals, remarks, mailings."""
