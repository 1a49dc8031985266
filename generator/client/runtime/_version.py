"""The version of the client; everything else that shows it reads it from here."""

VERSION = "0.1.0"
