"""The Server page: a switch, an address, who may reach it, and what is asked of it."""
