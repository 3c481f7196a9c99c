"""Pages as answers: a template with its status, and a refusal in the look of every page."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from exchange.look.refusals import Refusal

_HTML = "text/html"


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    section: str = "",
    status: int = 200,
) -> HttpResponse:
    """A page. `section` names the section it belongs to, where its own route is not one."""
    words = {"section": section} if section else {}
    return render(request, template, {**words, **(context or {})}, status=status)


def show_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page of a refusal."""
    return show(request, "look/refusal.html", {"refusal": refusal}, status=refusal.status)


def prefers_page(request: HttpRequest) -> bool:
    """Whether who asks would rather read a page than a problem document."""
    return request.get_preferred_type(["application/problem+json", _HTML]) == _HTML


def as_file(data: bytes, *, name: str, media_type: str) -> HttpResponse:
    """A file to be saved under a name of ours, never opened by the browser here."""
    return HttpResponse(
        data, content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
