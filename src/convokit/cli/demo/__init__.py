"""`convokit demo`: one day at the front desk of a made-up practice."""
