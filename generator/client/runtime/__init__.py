"""Hand-written part of the client, copied into it. Imports are relative, since the client may have another name."""
