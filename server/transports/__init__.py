"""One file a transport: from a request to a Pipecat transport."""
