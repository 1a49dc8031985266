"""Cases that every sender passes: the wire, the environment and the options of a client, and the result of a call."""
