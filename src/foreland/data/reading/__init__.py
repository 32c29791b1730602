"""Read policy text: sentences, and in each the fields, quantities and instruments, with spans and rules."""
