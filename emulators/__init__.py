"""Local stand-ins of cloud vendors, strict about the protocol and faulty on command."""
