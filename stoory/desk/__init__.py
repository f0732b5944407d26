"""What the pages of the admin are made of; what they are about, the applications say."""
