"""What people see of posts and deliveries, and what they decide: pause, recall, release, resolve."""
