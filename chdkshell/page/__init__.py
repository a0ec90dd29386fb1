"""The control room: cameras over HTTP, as calls for programs and as a page for people."""
