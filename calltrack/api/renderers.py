from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.request import override_method

_WRITES = ("POST", "PUT", "PATCH", "DELETE")


class SendableJsonRenderer(JSONRenderer):
    """What a stranger sent, and hears again, may hold half a surrogate pair, which no UTF-8 does:
    escaped it can be sent."""

    def render(self, data, accepted_media_type=None, renderer_context=None):
        try:
            return super().render(data, accepted_media_type, renderer_context)
        except UnicodeEncodeError:
            self.ensure_ascii = True
            return super().render(data, accepted_media_type, renderer_context)


class PeopleRenderer(BrowsableAPIRenderer):
    """The answer as a page for people who are logged in, with a plain field for what they write.
    DRF's own has styles within its tags, which our Content-Security-Policy forbids."""

    template = "api/browse.html"

    def get_context(self, data, accepted_media_type, renderer_context):
        view, request = renderer_context["view"], renderer_context["request"]
        response = renderer_context["response"]
        writes = []
        if response.status_code != 401:
            for method in _WRITES:
                with override_method(view, request, method) as writing:
                    if self.show_form_for_method(view, method, writing, None):
                        writes.append(method)
        renderer = self.get_default_renderer(view)
        return {
            "content": self.get_content(renderer, data, accepted_media_type, renderer_context),
            "name": self.get_name(view),
            "request": request,
            "response": response,
            "user": request.user,
            "writes": writes,
        }
