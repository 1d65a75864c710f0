"""Who the members are, who speaks for them, and how both come in from the plan."""
