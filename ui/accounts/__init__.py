"""Who may log in, who is logged in, who asks."""
