"""On what terms, and what follows: offers, negotiations, agreements, entitlements and transfers."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from datasets.models import Asset, Dataset, Revision
from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.participants.models import Member, Participant


class Offer(models.Model):
    """Terms, price plan and audience on a dataset. Once published, what it says never changes."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    class Audience(models.TextChoices):
        PUBLIC = "public"
        NAMED = "named"

    class Sale(models.TextChoices):
        VALIDATION = "validation"  # the seller approves each buyer
        INSTANT = "instant"

    TRANSITIONS = {
        "publish": ({State.DRAFT}, State.PUBLISHED, "offer.published"),
        "withdraw": ({State.DRAFT, State.PUBLISHED}, State.WITHDRAWN, "offer.withdrawn"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="offers")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="offers")
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    title = models.CharField(max_length=200)
    terms = models.JSONField()  # clause list, as terms.parse() gives it back
    plan = models.JSONField()  # as plans.parse() gives it back
    audience = models.CharField(max_length=16, choices=Audience.choices)
    sale = models.CharField(max_length=16, choices=Sale.choices)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [known_states("offer", "draft", "published", "withdrawn")]

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    def event_facts(self) -> Mapping[str, Fact]:
        return {"offer": str(self.pk), "dataset": str(self.dataset_id), "seller": str(self.seller_id)}

    def event_parties(self) -> list[UUID]:
        return [self.seller_id]


class OfferAudience(models.Model):
    """A participant for whom a named offer exists; for all others it does not."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="named")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "participant"], name="offer_audience_named_once")
        ]


class StaleEntry(models.Model):
    """A dataset of which the search index may not say what is true now. Every change sets a fresh `mark`, and who
    brings the index up to date removes only the mark it has seen."""

    dataset = models.OneToOneField(Dataset, on_delete=models.PROTECT, primary_key=True, related_name="+")
    mark = models.UUIDField()


class SavedSearch(models.Model):
    """A search of the catalogue that one member keeps by a name. `place` is one of MOST, so that the database holds
    the limit; `query` is the search as the catalogue's address says it."""

    MOST = 50

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="saved_searches")
    place = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=100)
    query = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "place"], name="saved_search_place_once"),
            models.UniqueConstraint(fields=["member", "title"], name="saved_search_title_once"),
            models.CheckConstraint(condition=Q(place__gte=1, place__lte=50), name="saved_search_place_known"),
        ]


class Negotiation(models.Model):
    """The talk between buyer and seller. Its terms, plan and revision are frozen copies, so a later change of
    the offer never touches a request in flight."""

    class State(models.TextChoices):
        REQUESTED = "requested"
        OFFERED = "offered"
        APPROVED = "approved"
        AGREED = "agreed"
        FINALIZED = "finalized"
        TERMINATED = "terminated"

    TRANSITIONS = {
        "counter": ({State.REQUESTED, State.OFFERED}, State.OFFERED, "negotiation.countered"),
        "approve": ({State.REQUESTED}, State.APPROVED, "negotiation.approved"),
        "accept": ({State.APPROVED, State.OFFERED}, State.AGREED, "negotiation.accepted"),
        "finalize": ({State.AGREED}, State.FINALIZED, "negotiation.finalized"),
        "refuse": ({State.REQUESTED, State.OFFERED, State.APPROVED}, State.TERMINATED, "negotiation.refused"),
        "terminate": (
            {State.REQUESTED, State.OFFERED, State.APPROVED, State.AGREED},
            State.TERMINATED,
            "negotiation.terminated",
        ),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="negotiations")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="negotiations")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="negotiations")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="negotiations_as_seller")
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="negotiations_as_buyer")
    state = models.CharField(max_length=16, choices=State.choices, default=State.REQUESTED)
    purpose = models.CharField(max_length=40)
    country = models.CharField(max_length=2)  # where the buyer says the data will be used
    use = models.TextField()
    terms = models.JSONField()
    plan = models.JSONField()
    reason = models.TextField(blank=True)
    approved_by = models.CharField(max_length=80, blank=True)  # the seller's signature: an actor's name
    approved_at = models.DateTimeField(null=True)
    accepted_by = models.CharField(max_length=80, blank=True)  # the buyer's
    accepted_at = models.DateTimeField(null=True)
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()

    class Meta:
        constraints = [
            known_states(
                "negotiation", "requested", "offered", "approved", "agreed", "finalized", "terminated"
            ),
            models.CheckConstraint(condition=~Q(seller=F("buyer")), name="negotiation_takes_two_participants"),
            models.UniqueConstraint(
                fields=["offer", "buyer"],
                condition=Q(state__in=["requested", "offered", "approved"]),
                name="negotiation_one_open_per_offer",
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "negotiation": str(self.pk),
            "offer": str(self.offer_id),
            "dataset": str(self.dataset_id),
            "seller": str(self.seller_id),
            "buyer": str(self.buyer_id),
            "purpose": self.purpose,
            "country": self.country,
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id, self.buyer_id]


class Agreement(models.Model):
    """The usage contract: `document` is its canonical JSON, `digest` the SHA-256 over it, `seal` the exchange's
    signature. Frozen by the database; only its state moves."""

    class State(models.TextChoices):
        SIGNED = "signed"
        TERMINATED = "terminated"

    TRANSITIONS = {"terminate": ({State.SIGNED}, State.TERMINATED, "agreement.terminated")}

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    negotiation = models.OneToOneField(Negotiation, on_delete=models.PROTECT, related_name="agreement")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="agreements")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="agreements")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="agreements_as_seller")
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="agreements_as_buyer")
    state = models.CharField(max_length=16, choices=State.choices, default=State.SIGNED)
    document = models.BinaryField()
    digest = models.CharField(max_length=64)
    seal = models.CharField(max_length=200)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [known_states("agreement", "signed", "terminated")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "agreement": str(self.pk),
            "negotiation": str(self.negotiation_id),
            "dataset": str(self.dataset_id),
            "revision": str(self.revision_id),
            "seller": str(self.seller_id),
            "buyer": str(self.buyer_id),
            "digest": self.digest,
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id, self.buyer_id]


class Entitlement(models.Model):
    """The right, now, that follows from an agreement."""

    class State(models.TextChoices):
        PENDING = "pending"
        ACTIVE = "active"
        SUSPENDED = "suspended"
        EXPIRED = "expired"
        REVOKED = "revoked"

    TRANSITIONS = {
        "activate": ({State.PENDING}, State.ACTIVE, "entitlement.activated"),
        "suspend": ({State.ACTIVE}, State.SUSPENDED, "entitlement.suspended"),
        "resume": ({State.SUSPENDED}, State.ACTIVE, "entitlement.resumed"),
        "expire": ({State.ACTIVE, State.SUSPENDED}, State.EXPIRED, "entitlement.expired"),
        "revoke": ({State.PENDING, State.ACTIVE, State.SUSPENDED}, State.REVOKED, "entitlement.revoked"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agreement = models.OneToOneField(Agreement, on_delete=models.PROTECT, related_name="entitlement")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="entitlements")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="entitlements")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="entitlements_as_seller")
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="entitlements_as_buyer")
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    terms = models.JSONField()
    purpose = models.CharField(max_length=40)
    country = models.CharField(max_length=2)
    copies_max = models.PositiveIntegerField(null=True)  # of each asset; None means no limit
    activated_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # of the last suspension or the revocation
    created_at = models.DateTimeField()

    class Meta:
        constraints = [known_states("entitlement", "pending", "active", "suspended", "expired", "revoked")]
        indexes = [
            models.Index(fields=["state", "ends_at"], name="entitlement_to_expire"),
            models.Index(fields=["revision", "id"], name="entitlement_of_revision"),
            models.Index(fields=["buyer", "id"], name="entitlement_of_buyer"),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "entitlement": str(self.pk),
            "agreement": str(self.agreement_id),
            "dataset": str(self.dataset_id),
            "revision": str(self.revision_id),
            "seller": str(self.seller_id),
            "buyer": str(self.buyer_id),
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id, self.buyer_id]


class CopyCount(models.Model):
    """How many copies of one asset an entitlement has taken; raised only by a conditional update."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="copy_counts")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entitlement", "asset"], name="copy_count_once")]


class Transfer(models.Model):
    """Data moving under an entitlement: one asset, one copy, however many requests it takes.
    `sent_ranges` are the merged [first, after-last] byte ranges that left; `sent_bytes` is how much of the
    asset they cover, `spent_bytes` all that left, repeats included."""

    class State(models.TextChoices):
        STARTED = "started"
        INTERRUPTED = "interrupted"
        COMPLETED = "completed"
        ABORTED = "aborted"
        REVOKED = "revoked"

    class Evidence(models.TextChoices):
        GATEWAY = "gateway"  # what left is counted by the gateway
        ISSUED = "issued"  # a link to storage was given; what left is known once its access log was read

    TRANSITIONS = {
        "interrupt": ({State.STARTED}, State.INTERRUPTED, "transfer.interrupted"),
        "resume": ({State.INTERRUPTED}, State.STARTED, "transfer.resumed"),
        "complete": ({State.STARTED, State.INTERRUPTED}, State.COMPLETED, "transfer.completed"),
        "abort": ({State.STARTED, State.INTERRUPTED}, State.ABORTED, "transfer.aborted"),
        "revoke": ({State.STARTED, State.INTERRUPTED}, State.REVOKED, "transfer.revoked"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Every download writes this row twice: so few indexes, and no constraint where the right has the same one.
    entitlement = models.ForeignKey(
        Entitlement, on_delete=models.PROTECT, related_name="transfers", db_index=False
    )
    asset = models.ForeignKey(
        Asset, on_delete=models.PROTECT, related_name="transfers", db_index=False, db_constraint=False
    )
    dataset = models.ForeignKey(
        Dataset, on_delete=models.PROTECT, related_name="transfers", db_index=False, db_constraint=False
    )
    revision = models.ForeignKey(
        Revision, on_delete=models.PROTECT, related_name="transfers", db_index=False, db_constraint=False
    )
    seller = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    buyer = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="transfers", db_index=False, db_constraint=False
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.STARTED)
    token_id = models.CharField(max_length=64)  # of the token that started it
    country = models.CharField(max_length=2)  # the buyer's verified country at the start
    size_bytes = models.BigIntegerField()
    sent_ranges = models.JSONField(default=list)
    sent_bytes = models.BigIntegerField(default=0)
    spent_bytes = models.BigIntegerField(default=0)
    reason = models.TextField(blank=True)
    started_at = models.DateTimeField()
    active_at = models.DateTimeField()  # when a gateway last said that it is sending
    resumable_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    evidence = models.CharField(max_length=8, choices=Evidence.choices, default="gateway", db_default="gateway")
    copy_given_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("transfer", "started", "interrupted", "completed", "aborted", "revoked"),
            models.UniqueConstraint(fields=["token_id"], name="transfer_once_per_token"),
        ]
        indexes = [
            models.Index(fields=["buyer", "id"], name="transfer_of_buyer"),
            models.Index(fields=["seller", "id"], name="transfer_of_seller"),
            models.Index(
                fields=["state", "active_at"], condition=~Q(state="completed"), name="transfer_to_sweep"
            ),
            models.Index(fields=["entitlement", "asset", "sent_bytes", "id"], name="transfer_of_right"),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "transfer": str(self.pk),
            "entitlement": str(self.entitlement_id),
            "asset": str(self.asset_id),
            "dataset": str(self.dataset_id),
            "revision": str(self.revision_id),
            "seller": str(self.seller_id),
            "buyer": str(self.buyer_id),
            "size_bytes": str(self.size_bytes),
            "sent_bytes": str(self.sent_bytes),
            "evidence": str(self.evidence),
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id, self.buyer_id]


class BucketRead(models.Model):
    """A read that the bucket's access log tells of; `transfer` is None where no link that was given explains it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request_id = models.CharField(max_length=64, unique=True)  # the bucket's own
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, null=True, related_name="bucket_reads")
    storage_key = models.CharField(max_length=200)
    status = models.PositiveSmallIntegerField()
    sent_bytes = models.BigIntegerField()
    read_at = models.DateTimeField()

    def event_facts(self) -> Mapping[str, Fact]:
        return {"request": self.request_id, "status": self.status, "read_bytes": str(self.sent_bytes)}

    def event_parties(self) -> list[UUID]:
        return []


class SeenProof(models.Model):
    """A proof of a key (DPoP) that was used; its id is a hash of key and proof. Forgotten when it is too old to be
    taken again."""

    id = models.CharField(primary_key=True, max_length=64)
    seen_at = models.DateTimeField(db_index=True)
