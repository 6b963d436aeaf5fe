"""Where a request comes from."""

from ipaddress import ip_address, ip_network

from django.conf import settings


def client_address(request) -> str | None:
    """The address that the outermost proxy of ours saw; without one, the connection's own. What
    else stands in X-Forwarded-For anybody may have written."""
    told = [one.strip() for one in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    count = settings.TRUSTED_PROXIES
    if count and len(told) >= count:
        return _address(told[-count]) or _address(request.META.get("REMOTE_ADDR", ""))
    return _address(request.META.get("REMOTE_ADDR", ""))


def _address(text: str) -> str | None:
    if text.count(":") == 1:
        text = text.partition(":")[0]  # some proxies add the port
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def address_to_throttle(request) -> str | None:
    """An IPv6 customer has a whole network to try from."""
    address = client_address(request)
    if address and ":" in address:
        return str(ip_network((address, 64), strict=False).network_address)
    return address
