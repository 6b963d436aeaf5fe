"""The project: settings, routes and how it is run."""
