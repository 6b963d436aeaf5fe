from rest_framework.negotiation import DefaultContentNegotiation

from calltrack.problems import BadParameters


class NamingNegotiation(DefaultContentNegotiation):
    """An unknown `?format=` is a bad parameter; DRF would say that the address is not there."""

    def filter_renderers(self, renderers, format):
        chosen = [renderer for renderer in renderers if renderer.format == format]
        if not chosen:
            known = " or ".join(renderer.format for renderer in renderers)
            raise BadParameters({"format": [f"Enter {known}."]})
        return chosen
