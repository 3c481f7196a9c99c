"""Installing a legal profile: one that a publisher whom the operator trusts has signed, newer than what is in force. It
is kept, told, and the law of the next decision of every process."""

from datetime import UTC
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from compliance.legal import in_force
from compliance.legal import profile as profiles
from compliance.legal.profile import LegalProfile
from compliance.models import InstalledProfile, KeptProfile
from compliance.verifier.errors import Tampered
from compliance.verifier.notes import MAX_NOTE_BYTES, VerifierKey, open_note
from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.participants import queries as participants


def install(note: bytes, *, by: Actor) -> InstalledProfile:
    """Put a signed legal profile in force; refused, with the field named, where anything of it is not as it must be."""
    by.require(Scope.AUDIT)
    operator = participants.operators_organisation()
    if operator is None or not by.acts_for(operator.pk):
        raise Forbidden("only an officer of the exchange's operator installs the law", code="scope_missing")
    key = trusted_key()
    profile = read(note, key)
    if profile.as_of > by.at.astimezone(UTC).date():
        raise Invalid(
            f"as_of is {profile.as_of}, which lies in the future: install it on that day",
            code="legal_profile_early",
        )
    try:
        with transaction.atomic():
            found = _install(note, key, profile, operator.pk, by)
    except IntegrityError:
        raise _older(profile, "another officer has just installed one of this number") from None
    in_force.forget()
    return found


def trusted_key() -> VerifierKey:
    """The key of the publisher whom the operator trusts; Conflict where none can be installed."""
    if settings.EXCHANGE_LEGAL_PROFILE:
        raise Conflict(
            "EXCHANGE_LEGAL_PROFILE names a file that rules alone; take the setting away before a profile is installed",
            code="legal_profile_is_a_file",
        )
    if not settings.EXCHANGE_LEGAL_PROFILE_KEY:
        raise Conflict(
            "EXCHANGE_LEGAL_PROFILE_KEY is empty, so nobody's signature is trusted", code="no_legal_profile_key"
        )
    try:
        return VerifierKey.parse(settings.EXCHANGE_LEGAL_PROFILE_KEY)
    except Tampered as wrong:
        raise Conflict(f"EXCHANGE_LEGAL_PROFILE_KEY: {wrong}", code="no_legal_profile_key") from None


def read(note: bytes, key: VerifierKey) -> LegalProfile:
    """The legal profile that a signed note holds; Invalid where the signature or a field is wrong, or one lacks that
    the profile which ships has."""
    if len(note) > MAX_NOTE_BYTES:
        raise Invalid(f"the file has more than {MAX_NOTE_BYTES} bytes", code="legal_profile_too_large")
    try:
        text = open_note(note, [key])
    except Tampered as wrong:
        raise Invalid(
            f"the signature of the legal profile does not count: {wrong}", code="legal_profile_unsigned"
        ) from None
    profile = profiles.parse(text.encode(), where="the file")
    if missing := sorted(profiles.load().tells_of() - profile.tells_of()):
        raise Invalid(
            f"The legal profile cannot be used: it lacks {', '.join(missing[:5])}.",
            code="legal_profile_invalid",
        )
    return profile


def _install(
    note: bytes, key: VerifierKey, profile: LegalProfile, operator_id: UUID, by: Actor
) -> InstalledProfile:
    newest = InstalledProfile.objects.order_by("-serial").first()
    before = newest.serial if newest else profiles.load().serial
    if profile.serial <= before:
        raise _older(profile, f"the one in force has {before}")
    kept, _ = KeptProfile.objects.get_or_create(
        pk=profile.sha256,
        defaults={"version": profile.version, "body": profile.written, "kept_at": by.at},
    )
    made = InstalledProfile.objects.create(
        serial=profile.serial,
        profile=kept,
        note=note,
        signed_by=key.name,
        key_id=key.id.hex(),
        as_of=profile.as_of,
        operator_id=operator_id,
        installed_at=by.at,
    )
    events.record("profile.installed", made, by=by)
    transaction.on_commit(in_force.forget)
    return made


def _older(profile: LegalProfile, why: str) -> Conflict:
    return Conflict(
        f"serial is {profile.serial}, and {why}: only a newer legal profile is installed",
        code="legal_profile_older",
    )
