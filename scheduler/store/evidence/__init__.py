"""What was done and what is known of it: the ledger, sendings, recalls, and what was read back."""
