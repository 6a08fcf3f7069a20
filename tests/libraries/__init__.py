"""Libraries: what the service keeps of pictures, documents and jobs."""
