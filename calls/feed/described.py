"""How the feed is described in OpenAPI."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, PolymorphicProxySerializer
from rest_framework import serializers

from .asked import LIMIT, LONGEST_WAIT, MOST, NOW
from .kinds import KINDS

_OBJECT = PolymorphicProxySerializer(
    component_name="ChangedObject",
    serializers=[kind.serializer for kind in KINDS.values()],
    resource_type_field_name=None,
    allow_null=True,
    help_text="As it is now, in the shape of its list; null if it is gone.",
)


class ChangeSerializer(serializers.Serializer):
    type = serializers.ChoiceField(list(KINDS))
    id = serializers.UUIDField()
    operation = serializers.ChoiceField(["upsert", "erase"])
    object = _OBJECT


class ChangesSerializer(serializers.Serializer):
    changes = ChangeSerializer(many=True)
    cursor = serializers.CharField(help_text="What to send as `after` next time.")
    more = serializers.BooleanField(help_text="There is another page: go on at once.")


_ID = "7f2c61d0-3f0a-5e0f-9a43-0c9d3d6a1b52"
_CURSOR = "WyJjIiw0MTcsMF0:Vv1yX0cQ3yqk9mPz2b7mUuJmN5hT0sR4oE8dKfLwQxA"
_PARAMETERS = [
    OpenApiParameter(
        "after",
        OpenApiTypes.STR,
        description=f"The `cursor` of the answer before. `{NOW}`: only what changes from now on. "
        "Left out: everything, then every change.",
        examples=[
            OpenApiExample("From now on", value=NOW),
        ],
    ),
    OpenApiParameter(
        "types",
        OpenApiTypes.STR,
        enum=list(KINDS),
        many=True,
        explode=False,
        description="Separated by commas; left out: those that the cursor began with, or else all "
        "that the key may read. A cursor stays with the types that it began with. `recording` "
        "needs `recordings:read` too.",
        examples=[OpenApiExample("Calls and their recordings", value=["call", "recording"])],
    ),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
        description="Most objects in one answer.",
    ),
    OpenApiParameter(
        "wait",
        {"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT, "default": 0},
        description="Seconds to wait for the next change if there is none. Where too many wait "
        "already it is answered at once, empty.",
    ),
]
OPERATION = {
    "operation_id": "changes_list",
    "summary": "Everything, and then every change",
    "parameters": _PARAMETERS,
    "responses": ChangesSerializer,
    "examples": [
        OpenApiExample(
            "Something was erased",
            value={
                "changes": [{"type": "leg", "id": _ID, "operation": "erase", "object": None}],
                "cursor": _CURSOR,
                "more": False,
            },
            response_only=True,
        ),
        OpenApiExample(
            "Nothing new",
            value={"changes": [], "cursor": _CURSOR, "more": False},
            response_only=True,
        ),
    ],
}
