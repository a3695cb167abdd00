"""What keeps deliveries from being sent now: pauses, stops of everything, and quotas that are used up."""
