"""Home and health."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect


def home(request: HttpRequest) -> HttpResponse:
    """Leads to the description of the API, which is where a visitor can begin."""
    return redirect("/api/v1/docs")


def health(request: HttpRequest) -> JsonResponse:
    """Whether this process answers and reaches its database."""
    connection.ensure_connection()
    return JsonResponse({"status": "ok"})
