"""Units of foresight that are found in texts: terms and topics, and their counts by place and year."""
