"""Being told: following, the official inbox with evidence of delivery, mail as a copy, feeds, calendars, webhooks."""
