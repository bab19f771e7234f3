"""Files of any kind become text: what all formats share, and formats that are no office files."""
