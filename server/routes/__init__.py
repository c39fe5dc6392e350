"""HTTP and WebSocket endpoints; no logic of their own."""
