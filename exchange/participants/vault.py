"""Personal data that Events may not hold, sealed under one key per name. Each key is wrapped by the exchange's
own, a file outside the database; shredding a name's key makes everything under it unreadable for ever."""

import base64
import hashlib
import json
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.signing import write_secret
from exchange.participants import scouring
from exchange.participants.models import Pseudonym, VaultKey, VaultRecord

KEY_FILE = "vault.kek"
_WRAPPED = "secret"
_KEY_BYTES, _NONCE_BYTES = 32, 12
_LARGEST_CACHE = 1_024


@dataclass(frozen=True)
class Kept:
    """What the vault keeps of who made a record: `records` under `names`, one for each year and organisation; nothing
    once it was shredded. `is_person` tells a member from an API client, `is_readable` is of that record alone."""

    name: str
    is_person: bool
    names: int
    records: int
    is_readable: bool


class _Unwrapped:
    """The keys that this process used lately, each beside the wrapped bytes it came from: a key whose row says
    something else now (shredded, made anew) is never taken from here."""

    def __init__(self) -> None:
        self._keys: OrderedDict[str, tuple[bytes, AESGCM]] = OrderedDict()
        self._lock = Lock()

    def key(self, name: str, wrapped: bytes) -> AESGCM:
        with self._lock:
            known = self._keys.get(name)
            if known is None or known[0] != wrapped:
                known = (wrapped, AESGCM(_open(_own_key(), wrapped, name)))
                self._keys[name] = known
                if len(self._keys) > _LARGEST_CACHE:
                    self._keys.popitem(last=False)
            self._keys.move_to_end(name)
            return known[1]

    def forget(self, name: str) -> None:
        with self._lock:
            self._keys.pop(name, None)


_unwrapped = _Unwrapped()


def seal(name: str, data: Mapping[str, str], at: datetime) -> tuple[UUID, str]:
    """Keep `data` sealed under the key of `name`: the record's id, and the SHA-256 of its ciphertext for the
    Event that refers to it."""
    return seal_many([(name, data)], at)[0]


@transaction.atomic(savepoint=False)
def make_keys(names: Iterable[str], at: datetime) -> None:
    """Make the keys that these names lack, for a transaction that will seal under several of them one by one:
    rivals who make them in different orders would wait for each other."""
    _keys(sorted(set(names)), at)


@transaction.atomic(savepoint=False)
def seal_many(items: Sequence[tuple[str, Mapping[str, str]]], at: datetime) -> list[tuple[UUID, str]]:
    """seal() for several at once, with one question for the keys and one insert."""
    keys = _keys(sorted({name for name, _ in items}), at)
    records, answers = [], []
    for name, data in items:
        record_id = new_id()
        sealed = _close(keys[name], json.dumps(dict(data)).encode(), _bound(record_id, name))
        records.append(VaultRecord(id=record_id, key_id=name, sealed=sealed, created_at=at))
        answers.append((record_id, hashlib.sha256(sealed).hexdigest()))
    VaultRecord.objects.bulk_create(records)
    return answers


@transaction.atomic
def open_record(record_id: UUID, by: Actor) -> dict[str, str]:
    """Show an officer what a record holds; that they looked is an Event."""
    by.require(Scope.AUDIT)
    record = VaultRecord.objects.select_related("key").filter(pk=record_id).first()
    if record is None:
        raise NotFound("the vault has no such record")
    data = _read(record)
    if data is None:
        raise Conflict("this record was shredded; nobody can read it any more", code="vault_shredded")
    events.record("vault.opened", record, by=by)
    return data


def read(record_id: UUID) -> dict[str, str] | None:
    """What a record holds, for the exchange's own work and for the person whom it is about; None once it was shredded.
    What an officer sees of it is recorded by whoever shows it."""
    return _read(VaultRecord.objects.select_related("key").get(pk=record_id))


def kept_with(record_id: UUID, by: Actor) -> Kept | None:
    """What is kept of who made a record, for officers, who learn counts alone; None where there is no such record."""
    by.require(Scope.AUDIT)
    record = VaultRecord.objects.select_related("key").filter(pk=record_id).first()
    if record is None:
        return None
    user_id = _user_id(record.key_id)
    names = [record.key_id] if user_id is None else list(_names_of(user_id))
    living = VaultKey.objects.filter(pk__in=names, wrapped__isnull=False)
    return Kept(
        name=record.key_id,
        is_person=user_id is not None,
        names=living.count(),
        records=VaultRecord.objects.filter(key__in=living, sealed__isnull=False).count(),
        is_readable=record.sealed is not None and record.key.wrapped is not None,
    )


@transaction.atomic
def shred_with(record_id: UUID, reason: str, by: Actor) -> int:
    """Shred all that is kept of who made a record: of a person under every name, of an API client under its own;
    answers how many keys."""
    by.require(Scope.AUDIT)
    name = VaultRecord.objects.filter(pk=record_id).values_list("key_id", flat=True).first()
    if name is None:
        raise NotFound("the vault has no such record")
    user_id = _user_id(name)
    if user_id is not None:
        return shred_person(user_id, reason, by)
    shred(name, reason, by)
    return 1


@transaction.atomic
def shred(name: str, reason: str, by: Actor) -> None:
    """Destroy the key of `name` and what was sealed under it; what comes later gets a key of its own."""
    by.require(Scope.AUDIT)
    if not _shred([name], reason, by):
        raise NotFound("the vault holds nothing under this name")


@transaction.atomic
def shred_person(user_id: int, reason: str, by: Actor) -> int:
    """Destroy the keys of every name that a person has had, of all years and organisations; answers how many."""
    by.require(Scope.AUDIT)
    shredded = _shred(_names_of(user_id), reason, by)
    if not shredded:
        raise NotFound("the vault holds nothing of this person")
    return shredded


@transaction.atomic
def empty(records: Sequence[UUID]) -> int:
    """Take away what these records hold, as its time is over; their rows and the hashes in Events stay. Answers how
    many held something. Whoever calls writes the Event."""
    return VaultRecord.objects.filter(pk__in=records, sealed__isnull=False).update(sealed=None)


@transaction.atomic
def shred_emptied(names: Iterable[str], reason: str, by: Actor) -> int:
    """Destroy the keys of those names under which nothing is kept any more; answers how many keys."""
    by.require(Scope.AUDIT)
    in_use = VaultRecord.objects.filter(key__in=names, sealed__isnull=False).values_list("key_id", flat=True)
    return _shred(set(names) - set(in_use.distinct()), reason, by)


def wrap(text: str) -> str:
    """A short secret, encrypted under the vault's own key for keeping in the database."""
    return base64.b64encode(_close(_own_key(), text.encode(), _WRAPPED)).decode()


def unwrap(wrapped: str) -> str:
    """What `wrap` made unreadable."""
    return _open(_own_key(), base64.b64decode(wrapped), _WRAPPED).decode()


def ensure_key(folder: Path) -> bool:
    """Make the vault's own key file, where it is missing; answers whether it did."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return write_secret(folder / KEY_FILE, lambda: secrets.token_bytes(_KEY_BYTES))


def _read(record: VaultRecord) -> dict[str, str] | None:
    if record.sealed is None or record.key.wrapped is None:
        return None
    key = _unwrapped.key(record.key_id, bytes(record.key.wrapped))
    data: dict[str, str] = json.loads(_open(key, bytes(record.sealed), _bound(record.pk, record.key_id)))
    return data


def _user_id(name: str) -> int | None:
    """Whose pseudonym this is; None for a name that is no person's."""
    return Pseudonym.objects.filter(name=name).values_list("member__user_id", flat=True).first()


def _names_of(user_id: int) -> Iterable[str]:
    """Every name that a person has had, of all years and organisations."""
    return Pseudonym.objects.filter(member__user_id=user_id).values_list("name", flat=True)


def _shred(names: Iterable[str], reason: str, by: Actor) -> int:
    given = text.reason(reason)
    living = VaultKey.objects.filter(pk__in=list(names), wrapped__isnull=False).order_by("pk")
    count = 0
    for key in living.select_for_update():
        VaultKey.objects.filter(pk=key.pk).update(wrapped=None, shredded_at=by.at)
        records = VaultRecord.objects.filter(key=key, sealed__isnull=False).update(sealed=None)
        events.record("vault.shredded", key, by=by, facts={"records": records}, typed={"reason": given})
        _unwrapped.forget(key.pk)
        count += 1
    if count:
        transaction.on_commit(scouring.scour, robust=True)
    return count


def _keys(names: Sequence[str], at: datetime) -> dict[str, AESGCM]:
    wrapped = _wrapped(names)
    if missing := [name for name in names if name not in wrapped]:
        # Sorted, so that rivals who make several at once cannot wait for each other.
        fresh = [VaultKey(id=name, wrapped=_fresh_key(name), created_at=at) for name in missing]
        VaultKey.objects.bulk_create(fresh, ignore_conflicts=True)
        for name in missing:
            VaultKey.objects.filter(pk=name, wrapped=None).update(wrapped=_fresh_key(name), shredded_at=None)
        wrapped |= _wrapped(missing)
    return {name: _unwrapped.key(name, wrapped[name]) for name in names}


def _wrapped(names: Iterable[str]) -> dict[str, bytes]:
    rows = VaultKey.objects.filter(pk__in=names, wrapped__isnull=False).values_list("pk", "wrapped")
    return {name: bytes(wrapped) for name, wrapped in rows if wrapped is not None}


def _fresh_key(name: str) -> bytes:
    return _close(_own_key(), secrets.token_bytes(_KEY_BYTES), name)


def _bound(record_id: UUID, name: str) -> str:
    """What a ciphertext is bound to, so that no row can stand in for another."""
    return f"{record_id}:{name}"


def _close(cipher: AESGCM, plain: bytes, bound_to: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, bound_to.encode())


def _open(cipher: AESGCM, sealed: bytes, bound_to: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to.encode())
    except InvalidTag:
        raise RuntimeError(f"the vault cannot open this; is {KEY_FILE} the key it was sealed with?") from None


def _own_key() -> AESGCM:
    return _own_key_in(Path(settings.EXCHANGE_KEYS_DIR))


@lru_cache
def _own_key_in(folder: Path) -> AESGCM:
    if settings.EXCHANGE_MAKE_KEYS:
        ensure_key(folder)
    key = (folder / KEY_FILE).read_bytes()
    if len(key) != _KEY_BYTES:
        raise RuntimeError(f"{KEY_FILE} must hold {_KEY_BYTES} bytes; it holds {len(key)}")
    return AESGCM(key)
