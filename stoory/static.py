"""Static files by WhiteNoise, in one piece: its streaming response is a synchronous one, at which ASGI warns."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise is not typed
    """Answers requests for static files, which are small (the admin's, the browsable API's)."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file:
                content = found.file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]  # a 304 has none
        for name, value in found.headers:
            response[name] = value
        return response
