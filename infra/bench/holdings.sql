-- Invented rows for infra/bench/holdings.py. One of ten transfers broke off at 60 per cent.
CREATE FUNCTION pg_temp.made(kind text, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS
$$ SELECT (lpad(to_hex(n), 12, '0') || substr(md5(kind || n), 1, 20))::uuid $$;

INSERT INTO participants_participant (id, state, is_operator, asks_second_member, name, country, registration_number, website,
    verified_country, sector, verified_sector, certifications, evidence, verified_at, created_at)
SELECT pg_temp.made('participant', n), 'verified', false, false, 'Organisation ' || n, 'FR', '', '', 'FR', '', '', '[]', '', now(), now()
FROM generate_series(1, {buyers} + 1) n;

INSERT INTO datasets_dataset (id, state, title, summary, description, keywords, theme, language, spatial, frequency,
    personal_data, created_at, seller_id, may_redirect)
SELECT pg_temp.made('dataset', n), 'published', 'Dataset ' || n, '', '', '[]', 'ENVI', 'en', '[]', '', 'none', now(),
    pg_temp.made('participant', {buyers} + 1), false
FROM generate_series(1, {revisions}) n;

INSERT INTO datasets_revision (id, state, number, digest, opened_at, dataset_id)
SELECT pg_temp.made('revision', n), 'sealed', n, '', now(), pg_temp.made('dataset', n)
FROM generate_series(1, {revisions}) n;

INSERT INTO datasets_asset (id, name, media_type, size_bytes, sha256, storage_key, announced_at, received_at, revision_id)
SELECT pg_temp.made('asset', n), 'file.csv', 'text/csv', 1000, '', '', now(), now(), pg_temp.made('revision', n)
FROM generate_series(1, {revisions}) n;

CREATE TEMPORARY TABLE bought AS
SELECT row_number() OVER () AS n, revision, buyer FROM (
    SELECT 1 AS revision, b AS buyer FROM generate_series(1, {buyers}) b
    UNION ALL
    SELECT r, 1 + (r * 7 + b * 13) % {buyers} FROM generate_series(2, {revisions}) r, generate_series(1, {rights}) b
) pairs;

INSERT INTO contracts_agreement (id, state, document, digest, seal, signed_at, buyer_id, dataset_id, revision_id,
    seller_id, negotiation_id)
SELECT pg_temp.made('agreement', n), 'signed', '', '', '', now(), pg_temp.made('participant', buyer),
    pg_temp.made('dataset', revision), pg_temp.made('revision', revision), pg_temp.made('participant', {buyers} + 1),
    pg_temp.made('negotiation', n)
FROM bought;

INSERT INTO contracts_entitlement (id, state, terms, purpose, country, reason, created_at, agreement_id, buyer_id,
    dataset_id, revision_id, seller_id)
SELECT pg_temp.made('right', n), 'active', '[{{"kind": "purpose", "any_of": ["research"]}}]', 'research', 'FR', '', now(),
    pg_temp.made('agreement', n), pg_temp.made('participant', buyer), pg_temp.made('dataset', revision),
    pg_temp.made('revision', revision), pg_temp.made('participant', {buyers} + 1)
FROM bought;

INSERT INTO contracts_copycount (id, used, asset_id, entitlement_id)
SELECT pg_temp.made('count', n), 1000, pg_temp.made('asset', revision), pg_temp.made('right', n) FROM bought;

CREATE TEMPORARY TABLE taken AS
SELECT t, b.n, b.revision, b.buyer,
    pg_temp.made('transfer', t) AS id, pg_temp.made('right', b.n) AS right_id, pg_temp.made('asset', b.revision) AS asset_id,
    pg_temp.made('dataset', b.revision) AS dataset_id, pg_temp.made('revision', b.revision) AS revision_id,
    pg_temp.made('participant', b.buyer) AS buyer_id, pg_temp.made('participant', {buyers} + 1) AS seller_id,
    CASE WHEN t % 10 = 3 THEN 600 ELSE 1000 END AS sent, timestamptz '2026-01-01' + t * interval '2 seconds' AS at
FROM generate_series(1, {transfers}) t
JOIN bought b ON b.n = CASE WHEN t % 10 = 0 THEN 1 + (t / 10) % {buyers}
    ELSE {buyers} + 1 + t % (({revisions} - 1) * {rights}) END;

INSERT INTO contracts_transfer (id, state, token_id, country, size_bytes, sent_ranges, sent_bytes, spent_bytes, reason,
    started_at, active_at, resumable_until, ended_at, asset_id, buyer_id, dataset_id, entitlement_id, revision_id, seller_id)
SELECT id, CASE WHEN sent = 1000 THEN 'completed' ELSE 'interrupted' END, 'token-' || t, 'FR', 1000,
    jsonb_build_array(jsonb_build_array(0, sent)), sent, sent, '', at, at, at + interval '7 days', at, asset_id, buyer_id,
    dataset_id, right_id, revision_id, seller_id
FROM taken;

INSERT INTO compliance_transferrecord (id, result, reason, seller_id, buyer_id, dataset_id, revision_id, asset_id,
    entitlement_id, agreement_id, personal_data, country_from, country_to, mechanism, purpose, legal_basis, size_bytes,
    sent_bytes, started_at, last_at, first_leaf, last_leaf)
SELECT id, CASE WHEN sent = 1000 THEN 'completed' ELSE 'interrupted' END, '', seller_id, buyer_id, dataset_id,
    revision_id, asset_id, right_id, pg_temp.made('agreement', n), 'none', 'FR', 'FR', 'not_personal', 'research', '',
    1000, sent, at, at, 2 * t, 2 * t + 1
FROM taken;

INSERT INTO compliance_recipient (id, dataset_id, revision_id, buyer_id, asset_id, transfers, running, sent_bytes,
    size_bytes, first_at, last_at)
SELECT gen_random_uuid(), dataset_id, revision_id, buyer_id, asset_id, count(*), 0, max(sent), 1000, min(at), max(at)
FROM taken GROUP BY dataset_id, revision_id, buyer_id, asset_id;
