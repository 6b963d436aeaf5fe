"""What every view of `/api/v1/` and `/apiserver/` does with a request before it is let in."""

from rest_framework.permissions import SAFE_METHODS

from calltrack.problems import LengthRequired


class Manners:
    """For a view of DRF, first among its bases."""

    def perform_authentication(self, request):
        """Counts the request too: DRF would count it after the permissions, so that whoever is
        refused could ask without end, and would not hear how much is left."""
        super().perform_authentication(request)
        super().check_throttles(request)

    def check_throttles(self, request):
        """Done with the authentication."""

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        # WSGI gives a chunked body without its length; Django reads it as empty.
        if request.method not in SAFE_METHODS and "HTTP_TRANSFER_ENCODING" in request.META:
            raise LengthRequired
