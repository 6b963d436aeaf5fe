"""Settings of the API that are the same everywhere."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "calls.authentication.ApiKeyAuthentication",  # the first one's 401 greets strangers
        "calls.authentication.PersonAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": [
        "calltrack.api.renderers.SendableJsonRenderer",
        "calltrack.api.renderers.PeopleRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["calltrack.api.parsers.StrictJsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "calltrack.api.negotiation.NamingNegotiation",
    "DEFAULT_THROTTLE_CLASSES": ["calltrack.api.throttles.BucketThrottle"],
    "EXCEPTION_HANDLER": "calltrack.problems.handler.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "calltrack.schema.views.ApiSchema",
    "COERCE_DECIMAL_TO_STRING": True,
}

CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "idempotency-key", "if-none-match"]
CORS_EXPOSE_HEADERS = [
    *("ETag", "Link", "Retry-After"),
    *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
]
