"""People, organisations and roles: who somebody is, whom they act for, and how they prove it."""
