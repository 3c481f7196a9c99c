"""The API of the records of processing: each organisation reads and completes its own."""

from django.http import HttpResponse
from ninja import Query, Router

from compliance.activities import completions, desk, queries, schemas
from compliance.models import ActivityReview
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])


@router.get("/compliance/activities", response=schemas.RegisterOut)
def read_register(request: ApiRequest) -> schemas.RegisterOut:
    """The records of processing of the caller's organisation, as controller and as processor."""
    found, _ = desk.look(by=request.auth)
    return schemas.RegisterOut.of(found)


@router.get("/compliance/activities/export")
def export_register(request: ApiRequest, asked: Query[schemas.ActivitiesQuery]) -> HttpResponse:
    """Both registers as one file: CSV, JSON-LD (Data Privacy Vocabulary 2.3), XLSX, the CNIL's sheet, or PDF."""
    file = desk.export(asked.format, by=request.auth)
    disposition = f'attachment; filename="{file.name}"'
    return HttpResponse(
        file.content, content_type=file.media_type, headers={"Content-Disposition": disposition}
    )


@router.post("/compliance/activities/import", response=schemas.PreviewOut)
def import_register(request: ApiRequest, given: schemas.RegisterFileIn) -> schemas.PreviewOut:
    """What taking a file over would change, or what it did. What the log says is compared and never changed."""
    act = desk.take_over if given.take_over else desk.preview
    return schemas.PreviewOut.of(act(given.content.encode(errors="surrogatepass"), by=request.auth))


@router.post("/compliance/activities/complete", response=schemas.CompletedOut)
def complete_register(request: ApiRequest, given: schemas.CompletionIn) -> schemas.CompletedOut:
    """Add to the whole register: who the controller is, its representative, its data protection officer, its security
    measures."""
    made = completions.complete("", given.parts, given.contacts, shown=given.number, by=request.auth)
    return schemas.CompletedOut.of(made)


@router.get("/compliance/activities/{key}", response=schemas.ActivityOut)
def read_activity(request: ApiRequest, key: str) -> schemas.ActivityOut:
    activity, _, _ = desk.open_activity(key, by=request.auth)
    return schemas.ActivityOut.of(activity)


@router.post("/compliance/activities/{key}/complete", response=schemas.CompletedOut)
def complete_activity(request: ApiRequest, key: str, given: schemas.CompletionIn) -> schemas.CompletedOut:
    """Add what nobody can derive: the name, purposes in detail, security measures, who looks after it and the like."""
    queries.activity_of(queries.register_visible_to(request.auth), key)
    made = completions.complete(key, given.parts, given.contacts, shown=given.number, by=request.auth)
    return schemas.CompletedOut.of(made)


@router.post("/compliance/activities/{key}/review", response=schemas.ActivityReviewOut)
def review_activity(request: ApiRequest, key: str, given: schemas.ActivityReviewIn) -> ActivityReview:
    """Say that an activity was looked at and is right; the answer says when to look again."""
    queries.activity_of(queries.register_visible_to(request.auth), key)
    return completions.review(key, given.remark, by=request.auth)
