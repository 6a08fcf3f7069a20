"""What the service remembers: libraries with their blobs, documents and jobs.

Nothing here is imported before somebody asks for a library: SQLAlchemy and its kin take longer to load than
the service takes to start.
"""
