SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.album_images (
    album_id uuid NOT NULL,
    image_id uuid NOT NULL,
    "position" bigint NOT NULL,
    is_cover boolean NOT NULL
);
CREATE TABLE public.albums (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    slug text NOT NULL,
    title text,
    description text,
    visibility text NOT NULL,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone
);
CREATE TABLE public.api_tokens (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    scopes text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone
);
CREATE TABLE public.idempotency_keys (
    key text NOT NULL,
    user_id uuid NOT NULL,
    fingerprint text NOT NULL,
    uploads json NOT NULL,
    answered boolean NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.images (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    slug text NOT NULL,
    state text NOT NULL,
    title text,
    filename text NOT NULL,
    content_type text NOT NULL,
    size_bytes bigint NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    sha256 text NOT NULL,
    source_sha256 text NOT NULL,
    visibility text NOT NULL,
    removed json NOT NULL,
    placeholder text,
    original_key text NOT NULL,
    thumb_key text,
    created_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    preview_key text,
    alt text,
    search_title text COLLATE pg_catalog."C",
    search_filename text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    cleaner integer DEFAULT 0 NOT NULL,
    animated boolean DEFAULT false NOT NULL,
    token_id uuid,
    search_alt text COLLATE pg_catalog."C",
    search_name text GENERATED ALWAYS AS (COALESCE(search_title, search_filename)) STORED COLLATE pg_catalog."C",
    expires_at timestamp with time zone
);
CREATE TABLE public.installation (
    "row" integer NOT NULL,
    id uuid NOT NULL,
    sweep_due_at timestamp with time zone NOT NULL,
    sweep_lease_id uuid,
    sweep_lease_until timestamp with time zone,
    swept_at timestamp with time zone,
    kept_until timestamp with time zone
);
CREATE TABLE public.known_addresses (
    key text NOT NULL,
    seen_at timestamp with time zone NOT NULL
);
CREATE TABLE public.rate_counts (
    key text NOT NULL,
    count bigint NOT NULL,
    started_at timestamp with time zone NOT NULL
);
CREATE TABLE public.seaql_migrations (
    version character varying NOT NULL,
    applied_at bigint NOT NULL
);
CREATE TABLE public.sessions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    version integer NOT NULL,
    device text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);
CREATE TABLE public.uploads (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    state text NOT NULL,
    filename text NOT NULL,
    content_type text NOT NULL,
    size_bytes bigint NOT NULL,
    sha256 text,
    removed_by_client json NOT NULL,
    staging_key text NOT NULL,
    put_expires_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    lease_id uuid,
    lease_until timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    lapses integer DEFAULT 0 NOT NULL,
    problem_code text,
    problem_detail text,
    created_at timestamp with time zone NOT NULL,
    estimated_ms bigint DEFAULT 0 NOT NULL,
    token_id uuid,
    title text,
    alt text,
    visibility text,
    image_created_at timestamp with time zone,
    image_expires_at timestamp with time zone
);
CREATE TABLE public.users (
    id uuid NOT NULL,
    username text NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    token_version integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_bytes bigint DEFAULT 0 NOT NULL,
    disabled_at timestamp with time zone,
    deleted_at timestamp with time zone,
    unfinished_uploads bigint DEFAULT 0 NOT NULL,
    unfinished_ms bigint DEFAULT 0 NOT NULL
);
INSERT INTO public.album_images VALUES ('01a22e7b-32d3-727a-959f-b2b7a408cee7', '01a22e7b-30c7-7774-8e3f-89c107eb4e93', 4294967296, false);
INSERT INTO public.album_images VALUES ('01a22e7b-32d3-727a-959f-b2b7a408cee7', '01a22e7b-315f-73b0-a2ba-0a587870d558', 8589934592, false);
INSERT INTO public.album_images VALUES ('01a22e7b-32d3-727a-959f-b2b7a408cee7', '01a22e7b-320a-769f-8549-44ea652a8494', 17179869184, false);
INSERT INTO public.album_images VALUES ('01a22e7b-32d3-727a-959f-b2b7a408cee7', '01a22e7b-31b1-70eb-9d64-0ac6647ee2e9', 12884901888, true);
INSERT INTO public.album_images VALUES ('01a22e7b-3305-73f6-9b27-68bbc25d1dce', '01a22e7b-30c7-7774-8e3f-89c107eb4e93', 4294967296, false);
INSERT INTO public.albums VALUES ('01a22e7b-3305-73f6-9b27-68bbc25d1dce', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', '47VBlnYDJKp', NULL, NULL, 'private', 1, '2026-11-30 22:05:35.653477+00', NULL);
INSERT INTO public.albums VALUES ('01a22e7b-32d3-727a-959f-b2b7a408cee7', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'TOqNyUi6In5', 'A week', 'In the mountains', 'unlisted', 1, '2026-11-30 22:05:35.603394+00', '2999-01-01 00:00:00+00');
INSERT INTO public.api_tokens VALUES ('01a22e7b-319f-721c-a6cf-7dd13437624c', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'a program', '1a20e0b5766c19a65936a8c6160b5b3dec1c05a359b51bca15f1393bf95b625d', 'upload read', '2026-11-30 22:02:35.295749+00', '2035-02-16 22:02:35.295749+00', '2026-11-30 22:02:35.305827+00');
INSERT INTO public.idempotency_keys VALUES ('575eba0b10a56debca0a4bd04e0ca10ad74b2f0c715d8de1b034a6bf27392a58', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'df9f5716d7d26d1e838f950bd177fa27f1e077eed9d70868ab0b4894c8dd9948', '["01a22e7b-31b1-70eb-9d64-0ac6647ee2e9"]', true, '2026-11-30 22:02:35.313066+00');
INSERT INTO public.images VALUES ('01a22e7b-2fcf-7504-93fe-3a52f163a6d3', '01a22e7b-2f9f-776c-bd85-500a13e56161', 'pTCJeZXVQTj', 'ready', NULL, 'bob.png', 'image/png', 36502, 150, 140, '05c0e72519e6b43966e177817546666628fe2f2a05d949f4bbd8f68cf8aee93b', '19f2f6f458f80793213bb06adbf00a48a636fca8e34981da77cc8c06a80626d8', 'unlisted', '[{"by": "server", "code": "owner"}, {"by": "server", "code": "time"}, {"by": "server", "code": "software"}, {"by": "server", "code": "comment"}]', 'mlmCBYAryks1+ZhlS1iQkwVJB1eIiICFWA==', 'images/01a22e7b-2fcf-7504-93fe-3a52f163a6d3/1/original', NULL, '2026-11-30 22:02:34.888858+00', NULL, NULL, NULL, NULL, 'bob.png', 1, false, NULL, NULL, DEFAULT, NULL);
INSERT INTO public.images VALUES ('01a22e7b-30c7-7774-8e3f-89c107eb4e93', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'dfGmtaaIesK', 'ready', NULL, 'Landscape.JPG', 'image/jpeg', 44229, 600, 400, 'a4d4a947bd283fbb35d5257d267108149c05802baf97f47f82ed91eff5f6263c', 'a4d4a947bd283fbb35d5257d267108149c05802baf97f47f82ed91eff5f6263c', 'unlisted', '[]', 'GJoKDYSlqIdPUXd3eEeHh9N/YIkI', 'images/01a22e7b-30c7-7774-8e3f-89c107eb4e93/1/original', 'images/01a22e7b-30c7-7774-8e3f-89c107eb4e93/1/thumb', '2026-11-30 22:02:35.132306+00', NULL, NULL, NULL, NULL, 'landscape.jpg', 1, false, NULL, NULL, DEFAULT, NULL);
INSERT INTO public.images VALUES ('01a22e7b-3116-77ba-8e36-628340ee3938', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'FtOL8qwTsOJ', 'trashed', NULL, 'portrait-gps.jpg', 'image/jpeg', 36325, 384, 512, '694f69fba17609a912047c57b88f538203d34ccc2af64d3cfdef6622ea991924', '7654720e0a478cdeb3d2da49ff5955685fefce13516ed22388fbf6c8feaa9407', 'unlisted', '[{"by": "server", "code": "location"}, {"by": "server", "code": "owner"}, {"by": "server", "code": "device"}, {"by": "server", "code": "serial"}, {"by": "server", "code": "time"}, {"by": "server", "code": "software"}, {"by": "server", "code": "comment"}, {"by": "server", "code": "thumbnail"}, {"by": "server", "code": "exif"}, {"by": "server", "code": "xmp"}, {"by": "server", "code": "iptc"}]', '3UgOHQh6ak+ohWp1eXWIln9j9jhl', 'images/01a22e7b-3116-77ba-8e36-628340ee3938/1/original', 'images/01a22e7b-3116-77ba-8e36-628340ee3938/1/thumb', '2026-11-30 22:02:35.19927+00', '2026-12-07 22:02:35.222621+00', NULL, NULL, NULL, 'portrait-gps.jpg', 1, false, NULL, NULL, DEFAULT, NULL);
INSERT INTO public.images VALUES ('01a22e7b-315f-73b0-a2ba-0a587870d558', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'Wki5ZCdptMW', 'ready', 'Café', 'alpha.png', 'image/png', 36502, 150, 140, '05c0e72519e6b43966e177817546666628fe2f2a05d949f4bbd8f68cf8aee93b', '19f2f6f458f80793213bb06adbf00a48a636fca8e34981da77cc8c06a80626d8', 'private', '[{"by": "server", "code": "owner"}, {"by": "server", "code": "time"}, {"by": "server", "code": "software"}, {"by": "server", "code": "comment"}]', 'mlmCBYAryks1+ZhlS1iQkwVJB1eIiICFWA==', 'images/01a22e7b-315f-73b0-a2ba-0a587870d558/1/original', NULL, '2026-11-30 22:02:35.265384+00', NULL, NULL, NULL, 'café', 'alpha.png', 1, false, NULL, NULL, DEFAULT, NULL);
INSERT INTO public.images VALUES ('01a22e7b-31b1-70eb-9d64-0ac6647ee2e9', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'GiodwWjxZxi', 'ready', 'STRASSE, Café und İstanbul', 'Ünïcode Straße.webp', 'image/webp', 23092, 640, 480, '2733a8ee8085fa4047ac66c183ee5862ee2677e03e244f31f153aaf67938f56f', 'c0d4d25f5ac2c44d0b491996c414ba8e1fddc7eeadb59a649d1762b3f6c12573', 'unlisted', '[{"by": "server", "code": "location"}, {"by": "server", "code": "owner"}, {"by": "server", "code": "device"}, {"by": "server", "code": "time"}, {"by": "server", "code": "software"}, {"by": "server", "code": "comment"}, {"by": "server", "code": "exif"}, {"by": "server", "code": "xmp"}, {"by": "server", "code": "colour_profile"}]', 'BfgBBYCnyPfJl7mUdWKTaKWIIJkM', 'images/01a22e7b-31b1-70eb-9d64-0ac6647ee2e9/1/original', 'images/01a22e7b-31b1-70eb-9d64-0ac6647ee2e9/1/thumb', '2026-11-30 22:02:35.367866+00', NULL, NULL, NULL, 'strasse, café und istanbul', 'ünïcode strasse.webp', 1, false, '01a22e7b-319f-721c-a6cf-7dd13437624c', NULL, DEFAULT, NULL);
INSERT INTO public.images VALUES ('01a22e7b-325f-738c-a908-ddfa7898de2e', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'OrebYYF1ydI', 'trashed', NULL, 'ended.png', 'image/png', 1744, 1640, 8, 'c05e1e4dacbec945a754ed6c7793ca4faa5f5dafc540dd4a8edd36953676f8d7', 'c05e1e4dacbec945a754ed6c7793ca4faa5f5dafc540dd4a8edd36953676f8d7', 'unlisted', '[]', 'yxkZebh3d3eHiAiId4eAiPg=', 'images/01a22e7b-325f-738c-a908-ddfa7898de2e/1/original', 'images/01a22e7b-325f-738c-a908-ddfa7898de2e/1/thumb', '2026-11-30 22:02:35.527805+00', '2026-12-07 22:05:35.572351+00', 'images/01a22e7b-325f-738c-a908-ddfa7898de2e/1/preview', NULL, NULL, 'ended.png', 1, false, NULL, NULL, DEFAULT, '2026-11-30 22:04:35.53746+00');
INSERT INTO public.images VALUES ('01a22e7b-3377-71af-ba03-361c5c1252d4', '01a22e7b-3370-7476-b59d-efa7c22bd684', 'rMKGiZcREtI', 'deleting', NULL, 'gone.jpg', 'image/jpeg', 44229, 600, 400, 'a4d4a947bd283fbb35d5257d267108149c05802baf97f47f82ed91eff5f6263c', 'a4d4a947bd283fbb35d5257d267108149c05802baf97f47f82ed91eff5f6263c', 'unlisted', '[]', 'GJoKDYSlqIdPUXd3eEeHh9N/YIkI', 'images/01a22e7b-3377-71af-ba03-361c5c1252d4/1/original', 'images/01a22e7b-3377-71af-ba03-361c5c1252d4/1/thumb', '2026-11-30 22:05:35.818046+00', '2026-11-30 22:05:35.855915+00', NULL, NULL, NULL, 'gone.jpg', 1, false, NULL, NULL, DEFAULT, NULL);
INSERT INTO public.images VALUES ('01a22e7b-320a-769f-8549-44ea652a8494', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'LyJJzGSvb5c', 'ready', NULL, 'café ΟΔΟΣ.gif', 'image/gif', 39084, 120, 90, 'efffa732274bb7a30bd7b1e51735a7788ee38c5ff80d4578e3bf87f6692db0c9', 'c63b2926edf21895d74398e6401a5df8f4586da59d478748bbd7acec2325737b', 'unlisted', '[{"by": "server", "code": "comment"}]', 'BfgBBYBVRZq9M5PbRaVqf9CCAbSc', 'images/01a22e7b-320a-769f-8549-44ea652a8494/1/original', 'images/01a22e7b-320a-769f-8549-44ea652a8494/1/thumb', '2026-11-30 22:02:35.457816+00', NULL, 'images/01a22e7b-320a-769f-8549-44ea652a8494/1/preview', 'A street, from above', NULL, 'café οδοσ.gif', 1, true, NULL, 'a street, from above', DEFAULT, '2999-01-01 00:00:00+00');
INSERT INTO public.installation VALUES (1, '01a22e7b-2f04-76e0-8e52-247050f4acfa', '2026-11-30 22:02:34.628634+00', '01a22e7b-2f04-76e0-8e52-247050f4acfa', '2026-11-30 22:02:34.628634+00', '2026-11-30 22:02:34.628634+00', '2026-11-30 22:02:34.628634+00');
INSERT INTO public.known_addresses VALUES ('943d2aa913ec9d125c927e9b94858100e6821a373358a23f3941500ed1d0e02f', '2026-11-30 22:02:34.807652+00');
INSERT INTO public.known_addresses VALUES ('ac1111139eb1635ebcd2d2f980e720b3924515eaf1e8d50dda38a2a508d30faa', '2026-11-30 22:02:35.066383+00');
INSERT INTO public.known_addresses VALUES ('1ec82ede6e44544c4110774b0879db68e4fa4d6f2d0e479c2c9a050718665508', '2026-11-30 22:05:35.751347+00');
INSERT INTO public.known_addresses VALUES ('83f9160dd112e64c5ff84ba2c69fb7f2e910e5a0158878a0a255040e1750cfef', '2026-11-30 22:05:35.762345+00');
INSERT INTO public.rate_counts VALUES ('d6f8ca1ebc7150b3f68de5b7eb3763b0cee1e703883cc272fa69426de4922f44', 4, '2026-11-30 22:02:34.750257+00');
INSERT INTO public.rate_counts VALUES ('e69ca768dc1fe9b1f61732110baefd022855665653847501fe82be2c859f1098', 0, '2026-11-30 22:05:35.848087+00');
INSERT INTO public.rate_counts VALUES ('23f721d748d65a15080d45166668bf1c8c75c01cba8bd742f73d2765fff073a3', 1, '2026-11-30 22:05:35.712768+00');
INSERT INTO public.rate_counts VALUES ('9cce38ffec2683aa6b69bef2e68b61c40fbb1736dc317a95c73fd15547dfd25a', 1, '2026-11-30 22:05:35.7143+00');
INSERT INTO public.seaql_migrations VALUES ('m20261124_000001_users', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000002_uploads', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000003_images', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000004_control', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000006_previews', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000007_alt', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000008_search', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000009_visibility', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000010_hashes', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261125_000011_installation', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261127_000012_unfinished', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261127_000013_known_addresses', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261127_000014_folded_names', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261129_000015_ended_uploads', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261129_000016_cleaner', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261129_000017_api_tokens', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000018_sessions', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000019_idempotency_keys', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000020_trash_list', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000021_search_alt', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000022_orders', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000023_words', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000024_image_created_at', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000025_albums', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000026_ends', 1796076154);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000027_backup', 1796076154);
INSERT INTO public.sessions VALUES ('01a22e7b-2fbf-73da-bb4b-83e4da4703f7', '01a22e7b-2f9f-776c-bd85-500a13e56161', 0, 'Unknown device', '2026-11-30 22:02:34.815688+00', '2026-11-30 22:02:34.815688+00', '2026-12-07 22:02:34.815576+00', NULL);
INSERT INTO public.sessions VALUES ('01a22e7b-30bd-7397-9610-cb0632a9b5c2', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 0, 'Unknown device', '2026-11-30 22:02:35.069899+00', '2026-11-30 22:02:35.069899+00', '2026-12-07 22:02:35.069787+00', NULL);
INSERT INTO public.sessions VALUES ('01a22e7b-3350-70cc-9878-a0ae1b22d316', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 0, 'Unknown device', '2026-11-30 22:05:35.728862+00', '2026-11-30 22:05:35.728862+00', '2026-12-07 22:05:35.72858+00', '2026-11-30 22:05:35.733398+00');
INSERT INTO public.sessions VALUES ('01a22e7b-335f-70d6-9f5b-3071d8247e83', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 0, 'Unknown device', '2026-11-30 22:05:35.743384+00', '2026-11-30 22:05:35.743384+00', '2026-12-07 22:05:35.743292+00', NULL);
INSERT INTO public.sessions VALUES ('01a22e7b-3368-714a-adfd-0c04f899536b', '01a22e7b-3365-7297-a02c-34a78fceb5cd', 0, 'Unknown device', '2026-11-30 22:05:35.752748+00', '2026-11-30 22:05:35.752748+00', '2026-12-07 22:05:35.752661+00', NULL);
INSERT INTO public.sessions VALUES ('01a22e7b-3373-7527-9615-b8372a1e00ca', '01a22e7b-3370-7476-b59d-efa7c22bd684', 0, 'Unknown device', '2026-11-30 22:05:35.763671+00', '2026-11-30 22:05:35.763671+00', '2026-12-07 22:05:35.763582+00', NULL);
INSERT INTO public.uploads VALUES ('01a22e7b-2fcf-7504-93fe-3a52f163a6d3', '01a22e7b-2f9f-776c-bd85-500a13e56161', 'ready', 'bob.png', 'image/png', 36640, NULL, '[]', 'staging/01a22e7b-2fcf-7504-93fe-3a52f163a6d3', '2026-11-30 22:17:34.831427+00', '2026-11-30 23:02:34.831427+00', '2026-11-30 23:02:34.831427+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 22:02:34.831427+00', 102, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e7b-3047-712c-8964-1dd62de203e1', '01a22e7b-2f9f-776c-bd85-500a13e56161', 'aborted', 'aborted.jpg', 'image/jpeg', 1544, '68ab3196a09df6ced6b4e05898f73f54ddee4665af701be47bb599b0cacf8672', '[]', 'staging/01a22e7b-3047-712c-8964-1dd62de203e1', '2026-11-30 22:17:34.956169+00', '2026-11-30 23:02:34.956169+00', '2026-11-30 23:02:34.956169+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 22:02:34.956169+00', 100, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e7b-307a-74e1-95a2-f029a21c0f67', '01a22e7b-2f9f-776c-bd85-500a13e56161', 'rejected', 'broken.jpg', 'image/jpeg', 204, NULL, '[]', 'staging/01a22e7b-307a-74e1-95a2-f029a21c0f67', '2026-11-30 22:17:35.002457+00', '2026-11-30 23:02:35.002457+00', '2026-11-30 23:02:35.002457+00', NULL, NULL, 1, 0, 'image_damaged', 'The picture is damaged: the file ends early. Open it in an editor and save it again.', '2026-11-30 22:02:35.002457+00', 100, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e7b-30c7-7774-8e3f-89c107eb4e93', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'ready', 'Landscape.JPG', 'image/jpeg', 44229, NULL, '[]', 'staging/01a22e7b-30c7-7774-8e3f-89c107eb4e93', '2026-11-30 22:17:35.079092+00', '2026-11-30 23:02:35.079092+00', '2026-11-30 23:02:35.079092+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 22:02:35.079092+00', 102, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e7b-3116-77ba-8e36-628340ee3938', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'ready', 'portrait-gps.jpg', 'image/jpeg', 45030, NULL, '[]', 'staging/01a22e7b-3116-77ba-8e36-628340ee3938', '2026-11-30 22:17:35.158689+00', '2026-11-30 23:02:35.158689+00', '2026-11-30 23:02:35.158689+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 22:02:35.158689+00', 102, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e7b-315f-73b0-a2ba-0a587870d558', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'ready', 'alpha.png', 'image/png', 36640, NULL, '[]', 'staging/01a22e7b-315f-73b0-a2ba-0a587870d558', '2026-11-30 22:17:35.231623+00', '2026-11-30 23:02:35.231623+00', '2026-11-30 23:02:35.231623+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 22:02:35.231623+00', 102, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e7b-31b1-70eb-9d64-0ac6647ee2e9', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'ready', 'Ünïcode Straße.webp', 'image/webp', 26606, 'c0d4d25f5ac2c44d0b491996c414ba8e1fddc7eeadb59a649d1762b3f6c12573', '[]', 'staging/01a22e7b-31b1-70eb-9d64-0ac6647ee2e9', '2026-11-30 22:17:35.318644+00', '2026-11-30 23:02:35.318644+00', '2026-11-30 23:02:35.318644+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 22:02:35.318644+00', 101, '01a22e7b-319f-721c-a6cf-7dd13437624c', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e7b-320a-769f-8549-44ea652a8494', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'ready', 'café ΟΔΟΣ.gif', 'image/gif', 39101, NULL, '[]', 'staging/01a22e7b-320a-769f-8549-44ea652a8494', '2026-11-30 22:17:35.40274+00', '2026-11-30 23:02:35.40274+00', '2026-11-30 23:02:35.40274+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 22:02:35.40274+00', 102, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e7b-325f-738c-a908-ddfa7898de2e', '01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'ready', 'ended.png', 'image/png', 1744, NULL, '[]', 'staging/01a22e7b-325f-738c-a908-ddfa7898de2e', '2026-11-30 22:17:35.487648+00', '2026-11-30 23:02:35.487648+00', '2026-11-30 23:02:35.487648+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 22:02:35.487648+00', 100, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e7b-3377-71af-ba03-361c5c1252d4', '01a22e7b-3370-7476-b59d-efa7c22bd684', 'ready', 'gone.jpg', 'image/jpeg', 44229, NULL, '[]', 'staging/01a22e7b-3377-71af-ba03-361c5c1252d4', '2026-11-30 22:20:35.767888+00', '2026-11-30 23:05:35.767888+00', '2026-11-30 23:05:35.767888+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 22:05:35.767888+00', 102, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e7b-3025-72fa-a1c4-e0578edd2fd0', '01a22e7b-2f9f-776c-bd85-500a13e56161', 'pending', 'waiting.jpg', 'image/jpeg', 44230, 'abababababababababababababababababababababababababababababababab', '["location"]', 'staging/01a22e7b-3025-72fa-a1c4-e0578edd2fd0', '2026-11-30 22:17:34.922001+00', '2026-11-30 23:02:34.922001+00', '2026-11-30 22:07:31.805546+00', NULL, NULL, 0, 0, NULL, NULL, '2026-11-30 22:02:34.922001+00', 102, NULL, 'Waiting', 'for its bytes', 'private', '2020-02-03 04:05:06+00', '2035-02-16 22:02:34.912036+00');
INSERT INTO public.uploads VALUES ('01a22e7b-306d-7070-b734-c4d2d5b9d62e', '01a22e7b-2f9f-776c-bd85-500a13e56161', 'processing', 'checked.jpg', 'image/jpeg', 1544, '695b29463d56bd63b17e6fea761e60b9be7a298745a579f8a5f85153ce59e820', '[]', 'staging/01a22e7b-306d-7070-b734-c4d2d5b9d62e', '2026-11-30 22:17:34.993368+00', '2026-11-30 23:02:34.993368+00', '2026-11-30 22:07:30.527608+00', '01a22e7b-2f04-76e0-8e52-247050f4acfa', '2026-11-30 22:02:34.628634+00', 1, 1, NULL, NULL, '2026-11-30 22:02:34.993368+00', 100, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.users VALUES ('01a22e7b-2f9f-776c-bd85-500a13e56161', 'bob', 'bob@example.com', 'v1$2b$04$J6iaC6A0RsTsWNWx6qlkVe3gDZMFUTGKiPLRA.0pXEF1pPVy7u.ji', 0, '2026-11-30 22:02:34.783152+00', 82276, NULL, NULL, 2, 202);
INSERT INTO public.users VALUES ('01a22e7b-30b8-7165-b82f-c58bb1dbad8c', 'ada', 'ada@example.com', 'v1$2b$04$ZaBK.5KwXBOndX4CkcQaeuicsczaxslOdPLopDy.TMaZe8ZiJxYbe', 0, '2026-11-30 22:02:35.06424+00', 180976, NULL, NULL, 0, 0);
INSERT INTO public.users VALUES ('01a22e7b-3365-7297-a02c-34a78fceb5cd', 'eve', 'eve@example.com', 'v1$2b$04$KFbtDmmq4r86OOZgeiqXm.299MUg7HwOBKjnvov17uBhdjaN4yxBO', 1, '2026-11-30 22:05:35.749164+00', 0, '2026-11-30 22:05:35.754834+00', NULL, 0, 0);
INSERT INTO public.users VALUES ('01a22e7b-3370-7476-b59d-efa7c22bd684', 'deleted 01a22e7b-3370-7476-b59d-efa7c22bd684', 'deleted 01a22e7b-3370-7476-b59d-efa7c22bd684', 'v1$2b$04$ZXJz8HC5gMqrf3mAJWTVJ.j4PIcVRyrqxgNcePXxwV1td2om3YtG2', 1, '2026-11-30 22:05:35.760329+00', 44229, NULL, '2026-11-30 22:05:35.855915+00', 0, 0);
ALTER TABLE ONLY public.album_images
    ADD CONSTRAINT album_images_pkey PRIMARY KEY (album_id, image_id);
ALTER TABLE ONLY public.albums
    ADD CONSTRAINT albums_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.images
    ADD CONSTRAINT images_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY ("row");
ALTER TABLE ONLY public.known_addresses
    ADD CONSTRAINT known_addresses_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.rate_counts
    ADD CONSTRAINT rate_counts_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.seaql_migrations
    ADD CONSTRAINT seaql_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX album_images_cover_key ON public.album_images USING btree (album_id) WHERE is_cover;
CREATE INDEX album_images_image_id_idx ON public.album_images USING btree (image_id);
CREATE INDEX album_images_list_idx ON public.album_images USING btree (album_id, "position", image_id);
CREATE INDEX albums_list_idx ON public.albums USING btree (user_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX albums_slug_key ON public.albums USING btree (slug);
CREATE UNIQUE INDEX api_tokens_sha256_key ON public.api_tokens USING btree (sha256);
CREATE INDEX api_tokens_user_id_idx ON public.api_tokens USING btree (user_id);
CREATE INDEX idempotency_keys_created_at_idx ON public.idempotency_keys USING btree (created_at);
CREATE INDEX idempotency_keys_user_id_idx ON public.idempotency_keys USING btree (user_id);
CREATE INDEX images_cleaner_idx ON public.images USING btree (cleaner);
CREATE INDEX images_due_at_idx ON public.images USING btree (due_at);
CREATE INDEX images_list_idx ON public.images USING btree (user_id, state, created_at DESC, id DESC, expires_at);
CREATE INDEX images_name_list_idx ON public.images USING btree (user_id, search_name, id) WHERE (state = 'ready'::text);
CREATE INDEX images_sha256_idx ON public.images USING btree (user_id, state, sha256, created_at DESC);
CREATE INDEX images_size_list_idx ON public.images USING btree (user_id, size_bytes DESC, id DESC) WHERE (state = 'ready'::text);
CREATE UNIQUE INDEX images_slug_key ON public.images USING btree (slug);
CREATE INDEX images_source_sha256_idx ON public.images USING btree (user_id, state, source_sha256, created_at DESC);
CREATE INDEX images_trash_idx ON public.images USING btree (user_id, due_at DESC, id DESC) WHERE (state = 'trashed'::text);
CREATE INDEX images_type_list_idx ON public.images USING btree (user_id, content_type, created_at DESC, id DESC) WHERE (state = 'ready'::text);
CREATE INDEX images_visibility_list_idx ON public.images USING btree (user_id, state, visibility, created_at DESC, id DESC);
CREATE INDEX images_words_idx ON public.images USING gin ((((((COALESCE(search_title, ''::text) || ' '::text) || COALESCE(search_alt, ''::text)) || ' '::text) || search_filename)) public.gin_trgm_ops) WHERE (state = 'ready'::text);
CREATE INDEX known_addresses_seen_at_idx ON public.known_addresses USING btree (seen_at);
CREATE INDEX rate_counts_started_at_idx ON public.rate_counts USING btree (started_at);
CREATE INDEX sessions_expires_at_idx ON public.sessions USING btree (expires_at);
CREATE INDEX sessions_user_id_idx ON public.sessions USING btree (user_id);
CREATE INDEX uploads_due_at_idx ON public.uploads USING btree (due_at);
CREATE INDEX uploads_user_state_idx ON public.uploads USING btree (user_id, state, expires_at);
CREATE INDEX users_deleted_at_idx ON public.users USING btree (deleted_at);
CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email);
CREATE INDEX users_password_cost_idx ON public.users USING btree (substr(password_hash, 7, 2));
CREATE UNIQUE INDEX users_username_key ON public.users USING btree (username);
ALTER TABLE ONLY public.album_images
    ADD CONSTRAINT album_images_album_id_fkey FOREIGN KEY (album_id) REFERENCES public.albums(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.album_images
    ADD CONSTRAINT album_images_image_id_fkey FOREIGN KEY (image_id) REFERENCES public.images(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.albums
    ADD CONSTRAINT albums_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.images
    ADD CONSTRAINT images_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);
