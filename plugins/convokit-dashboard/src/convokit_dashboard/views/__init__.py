"""What the pages show, as frozen values: pure functions from what a desk returns. No HTTP, no HTML."""
