from rest_framework.metadata import SimpleMetadata


class ShortMetadata(SimpleMetadata):
    """What OPTIONS tells: what an address is called and speaks. DRF would also try whether each
    method may be used; which bodies there are, the description of the API tells."""

    def determine_actions(self, request, view):
        return {}
