"""Content-Security-Policy: what a page may load and run. Django 6's settings, which this is to make way for."""

from collections.abc import Callable, Iterable, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

Policy = Mapping[str, Iterable[str]]
"""The sources of each directive; without any it stands alone."""

ENFORCED, REPORTED = "Content-Security-Policy", "Content-Security-Policy-Report-Only"


class ContentSecurityPolicyMiddleware:
    """Says it of every answer: `SECURE_CSP`, changed by what `SECURE_CSP_BY_PATH` says of where the path begins.

    Django's own pages of what is missing or went wrong, which only developers see, are left alone as in Django 6.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        changed = settings.SECURE_CSP_BY_PATH.items()
        self._by_path = [(prefix, written({**settings.SECURE_CSP, **changes})) for prefix, changes in changed]
        self._elsewhere = written(settings.SECURE_CSP)
        self._reported = written(settings.SECURE_CSP_REPORT_ONLY)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if settings.DEBUG and response.status_code in (404, 500):
            return response
        for header, policy in ((ENFORCED, self._enforced(request.path)), (REPORTED, self._reported)):
            if policy and header not in response:
                response[header] = policy
        return response

    def _enforced(self, path: str) -> str:
        return next((policy for prefix, policy in self._by_path if path.startswith(prefix)), self._elsewhere)


def written(policy: Policy) -> str:
    """Return the header's value."""
    return "; ".join(" ".join([directive, *sources]) for directive, sources in policy.items())
