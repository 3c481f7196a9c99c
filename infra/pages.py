"""Home and health."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from exchange.look.answers import prefers_page


def home(request: HttpRequest) -> HttpResponse:
    """Leads people to the catalogue, and machines to the description of the API."""
    return redirect("catalogue" if prefers_page(request) else "/api/v1/docs")


def health(request: HttpRequest) -> JsonResponse:
    """Whether this process answers and reaches its database."""
    connection.ensure_connection()
    return JsonResponse({"status": "ok"})
