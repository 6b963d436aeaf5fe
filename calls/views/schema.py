"""How `fields` and `expand` are described."""

from drf_spectacular.utils import OpenApiParameter

from calltrack.schema.views import ApiSchema


class ReadSchema(ApiSchema):
    """Adds the parameters by which any list and object is shaped."""

    def get_override_parameters(self):
        view, given = self.view, super().get_override_parameters()
        shape = getattr(view, "shape", None) if self.method == "GET" else None
        if shape is None or not shape.parameters:
            return given
        names = list(view.get_serializer_class()().fields)
        told = {
            "fields": (names, "Only these fields, separated by commas. All, if left out."),
            "expand": (list(view.expansions), self._expand()),
        }
        return [*given, *(_names(name, *told[name]) for name in shape.parameters)]

    def _expand(self) -> str:
        said = "Shows what hangs on it too, up to 1,000 of each; names separated by commas."
        scopes = [f"`{n}` needs the scope {one.scope}." for n, one in _scoped(self.view)]
        if self.view.shape.expanded:
            scopes.append(f"Shown in any case: {', '.join(self.view.shape.expanded)}.")
        return " ".join([said, *scopes])


def _scoped(view):
    return [(name, one) for name, one in view.expansions.items() if one.scope]


def _names(name: str, known: list[str], description: str) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        {"type": "array", "items": {"type": "string", "enum": known}},
        explode=False,
        description=description,
    )
