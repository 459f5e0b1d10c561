"""A lively practice to look at: the dashboard, and the owner's phone beside it. Nothing is sent anywhere."""
