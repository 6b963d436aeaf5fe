"""The description of `/api/v1/` in OpenAPI: what drf-spectacular cannot know by itself.

`calltrack/openapi.yaml` is written from it: `manage.py spectacular --file calltrack/openapi.yaml`.
"""
