"""Files: where their bytes are kept, what they are, and pictures made safe to show."""
