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
    swept_at timestamp with time zone
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
INSERT INTO public.album_images VALUES ('01a22e2b-277f-775e-a0d8-f809b35e50e5', '01a22e2b-2534-752c-80cb-01493c8f4e0c', 4294967296, false);
INSERT INTO public.album_images VALUES ('01a22e2b-277f-775e-a0d8-f809b35e50e5', '01a22e2b-25e8-71eb-86bf-5f051db3b3e5', 8589934592, false);
INSERT INTO public.album_images VALUES ('01a22e2b-277f-775e-a0d8-f809b35e50e5', '01a22e2b-26aa-724c-87e2-2bc8c5491849', 17179869184, false);
INSERT INTO public.album_images VALUES ('01a22e2b-277f-775e-a0d8-f809b35e50e5', '01a22e2b-2637-7475-aab4-2a52b0c1f65a', 12884901888, true);
INSERT INTO public.album_images VALUES ('01a22e2b-279d-76c1-b1fe-6796c1a055f4', '01a22e2b-2534-752c-80cb-01493c8f4e0c', 4294967296, false);
INSERT INTO public.albums VALUES ('01a22e2b-279d-76c1-b1fe-6796c1a055f4', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'wdgCZ1qbusF', NULL, NULL, 'private', 1, '2026-11-30 20:38:09.853833+00', NULL);
INSERT INTO public.albums VALUES ('01a22e2b-277f-775e-a0d8-f809b35e50e5', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'mTjZQTJfVss', 'A week', 'In the mountains', 'unlisted', 1, '2026-11-30 20:38:09.823943+00', '2999-01-01 00:00:00+00');
INSERT INTO public.api_tokens VALUES ('01a22e2b-2628-7158-bd8e-c71deab3c1e4', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'a program', '1a20e0b5766c19a65936a8c6160b5b3dec1c05a359b51bca15f1393bf95b625d', 'upload read', '2026-11-30 20:35:09.48054+00', '2035-02-16 20:35:09.48054+00', '2026-11-30 20:35:09.48848+00');
INSERT INTO public.idempotency_keys VALUES ('36e9732ee397beee6103ff0028ba994f70db344c1205858fa37a9dcad06a1e9c', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'df9f5716d7d26d1e838f950bd177fa27f1e077eed9d70868ab0b4894c8dd9948', '["01a22e2b-2637-7475-aab4-2a52b0c1f65a"]', true, '2026-11-30 20:35:09.49565+00');
INSERT INTO public.images VALUES ('01a22e2b-2468-7354-a13a-575c5e666372', '01a22e2b-244e-7737-a59b-fa97a8a7b582', 'wwBARWVOYBQ', 'ready', NULL, 'bob.png', 'image/png', 36502, 150, 140, '05c0e72519e6b43966e177817546666628fe2f2a05d949f4bbd8f68cf8aee93b', '19f2f6f458f80793213bb06adbf00a48a636fca8e34981da77cc8c06a80626d8', 'unlisted', '[{"by": "server", "code": "owner"}, {"by": "server", "code": "time"}, {"by": "server", "code": "software"}, {"by": "server", "code": "comment"}]', 'mlmCBYAryks1+ZhlS1iQkwVJB1eIiICFWA==', 'images/01a22e2b-2468-7354-a13a-575c5e666372/1/original', NULL, '2026-11-30 20:35:09.097531+00', NULL, NULL, NULL, NULL, 'bob.png', 1, false, NULL, NULL, DEFAULT, NULL);
INSERT INTO public.images VALUES ('01a22e2b-2534-752c-80cb-01493c8f4e0c', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'M5TJGTd7OMF', 'ready', NULL, 'Landscape.JPG', 'image/jpeg', 44229, 600, 400, 'a4d4a947bd283fbb35d5257d267108149c05802baf97f47f82ed91eff5f6263c', 'a4d4a947bd283fbb35d5257d267108149c05802baf97f47f82ed91eff5f6263c', 'unlisted', '[]', 'GJoKDYSlqIdPUXd3eEeHh9N/YIkI', 'images/01a22e2b-2534-752c-80cb-01493c8f4e0c/1/original', 'images/01a22e2b-2534-752c-80cb-01493c8f4e0c/1/thumb', '2026-11-30 20:35:09.321677+00', NULL, NULL, NULL, NULL, 'landscape.jpg', 1, false, NULL, NULL, DEFAULT, NULL);
INSERT INTO public.images VALUES ('01a22e2b-25a0-7758-9526-4d156aafc133', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'mYoR7OFc4Ie', 'trashed', NULL, 'portrait-gps.jpg', 'image/jpeg', 36325, 384, 512, '694f69fba17609a912047c57b88f538203d34ccc2af64d3cfdef6622ea991924', '7654720e0a478cdeb3d2da49ff5955685fefce13516ed22388fbf6c8feaa9407', 'unlisted', '[{"by": "server", "code": "location"}, {"by": "server", "code": "owner"}, {"by": "server", "code": "device"}, {"by": "server", "code": "serial"}, {"by": "server", "code": "time"}, {"by": "server", "code": "software"}, {"by": "server", "code": "comment"}, {"by": "server", "code": "thumbnail"}, {"by": "server", "code": "exif"}, {"by": "server", "code": "xmp"}, {"by": "server", "code": "iptc"}]', '3UgOHQh6ak+ohWp1eXWIln9j9jhl', 'images/01a22e2b-25a0-7758-9526-4d156aafc133/1/original', 'images/01a22e2b-25a0-7758-9526-4d156aafc133/1/thumb', '2026-11-30 20:35:09.393159+00', '2026-12-07 20:35:09.408526+00', NULL, NULL, NULL, 'portrait-gps.jpg', 1, false, NULL, NULL, DEFAULT, NULL);
INSERT INTO public.images VALUES ('01a22e2b-25e8-71eb-86bf-5f051db3b3e5', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'rg1gEicMu0H', 'ready', 'Café', 'alpha.png', 'image/png', 36502, 150, 140, '05c0e72519e6b43966e177817546666628fe2f2a05d949f4bbd8f68cf8aee93b', '19f2f6f458f80793213bb06adbf00a48a636fca8e34981da77cc8c06a80626d8', 'private', '[{"by": "server", "code": "owner"}, {"by": "server", "code": "time"}, {"by": "server", "code": "software"}, {"by": "server", "code": "comment"}]', 'mlmCBYAryks1+ZhlS1iQkwVJB1eIiICFWA==', 'images/01a22e2b-25e8-71eb-86bf-5f051db3b3e5/1/original', NULL, '2026-11-30 20:35:09.453367+00', NULL, NULL, NULL, 'café', 'alpha.png', 1, false, NULL, NULL, DEFAULT, NULL);
INSERT INTO public.images VALUES ('01a22e2b-2637-7475-aab4-2a52b0c1f65a', '01a22e2b-252d-75c8-978c-c6406606d1ed', '4IhV7ywgeuo', 'ready', 'STRASSE, Café und İstanbul', 'Ünïcode Straße.webp', 'image/webp', 23092, 640, 480, '2733a8ee8085fa4047ac66c183ee5862ee2677e03e244f31f153aaf67938f56f', 'c0d4d25f5ac2c44d0b491996c414ba8e1fddc7eeadb59a649d1762b3f6c12573', 'unlisted', '[{"by": "server", "code": "location"}, {"by": "server", "code": "owner"}, {"by": "server", "code": "device"}, {"by": "server", "code": "time"}, {"by": "server", "code": "software"}, {"by": "server", "code": "comment"}, {"by": "server", "code": "exif"}, {"by": "server", "code": "xmp"}, {"by": "server", "code": "colour_profile"}]', 'BfgBBYCnyPfJl7mUdWKTaKWIIJkM', 'images/01a22e2b-2637-7475-aab4-2a52b0c1f65a/1/original', 'images/01a22e2b-2637-7475-aab4-2a52b0c1f65a/1/thumb', '2026-11-30 20:35:09.577749+00', NULL, NULL, NULL, 'strasse, café und istanbul', 'ünïcode strasse.webp', 1, false, '01a22e2b-2628-7158-bd8e-c71deab3c1e4', NULL, DEFAULT, NULL);
INSERT INTO public.images VALUES ('01a22e2b-2709-7110-b287-715b48298feb', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'Nm6Zt6dniQm', 'trashed', NULL, 'ended.png', 'image/png', 1744, 1640, 8, 'c05e1e4dacbec945a754ed6c7793ca4faa5f5dafc540dd4a8edd36953676f8d7', 'c05e1e4dacbec945a754ed6c7793ca4faa5f5dafc540dd4a8edd36953676f8d7', 'unlisted', '[]', 'yxkZebh3d3eHiAiId4eAiPg=', 'images/01a22e2b-2709-7110-b287-715b48298feb/1/original', 'images/01a22e2b-2709-7110-b287-715b48298feb/1/thumb', '2026-11-30 20:35:09.745399+00', '2026-12-07 20:38:09.796642+00', 'images/01a22e2b-2709-7110-b287-715b48298feb/1/preview', NULL, NULL, 'ended.png', 1, false, NULL, NULL, DEFAULT, '2026-11-30 20:37:09.762521+00');
INSERT INTO public.images VALUES ('01a22e2b-27f2-72bc-858c-8b093496a8c7', '01a22e2b-27e7-7791-aa1b-0311b7bf18e8', '2e8z5bHNnbQ', 'deleting', NULL, 'gone.jpg', 'image/jpeg', 44229, 600, 400, 'a4d4a947bd283fbb35d5257d267108149c05802baf97f47f82ed91eff5f6263c', 'a4d4a947bd283fbb35d5257d267108149c05802baf97f47f82ed91eff5f6263c', 'unlisted', '[]', 'GJoKDYSlqIdPUXd3eEeHh9N/YIkI', 'images/01a22e2b-27f2-72bc-858c-8b093496a8c7/1/original', 'images/01a22e2b-27f2-72bc-858c-8b093496a8c7/1/thumb', '2026-11-30 20:38:09.997251+00', '2026-11-30 20:38:10.029287+00', NULL, NULL, NULL, 'gone.jpg', 1, false, NULL, NULL, DEFAULT, NULL);
INSERT INTO public.images VALUES ('01a22e2b-26aa-724c-87e2-2bc8c5491849', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'B4PduGx3O1N', 'ready', NULL, 'café ΟΔΟΣ.gif', 'image/gif', 39084, 120, 90, 'efffa732274bb7a30bd7b1e51735a7788ee38c5ff80d4578e3bf87f6692db0c9', 'c63b2926edf21895d74398e6401a5df8f4586da59d478748bbd7acec2325737b', 'unlisted', '[{"by": "server", "code": "comment"}]', 'BfgBBYBVRZq9M5PbRaVqf9CCAbSc', 'images/01a22e2b-26aa-724c-87e2-2bc8c5491849/1/original', 'images/01a22e2b-26aa-724c-87e2-2bc8c5491849/1/thumb', '2026-11-30 20:35:09.669313+00', NULL, 'images/01a22e2b-26aa-724c-87e2-2bc8c5491849/1/preview', 'A street, from above', NULL, 'café οδοσ.gif', 1, true, NULL, 'a street, from above', DEFAULT, '2999-01-01 00:00:00+00');
INSERT INTO public.installation VALUES (1, '01a22e2b-23bf-77e7-84e1-593c0bcb0321', '2026-11-30 20:35:08.86372+00', '01a22e2b-23bf-77e7-84e1-593c0bcb0321', '2026-11-30 20:35:08.86372+00', '2026-11-30 20:35:08.86372+00');
INSERT INTO public.known_addresses VALUES ('f37ec12095a89d32883fb7e5a97496e770429be9bc93b470caf3edac5c5c04f4', '2026-11-30 20:35:09.012271+00');
INSERT INTO public.known_addresses VALUES ('1e367afca62edac788114ba60c6a67085d639b6d8a51b826413ed541cd8e88f3', '2026-11-30 20:35:09.231312+00');
INSERT INTO public.known_addresses VALUES ('8a4d10042925c5c5201640e3669d9eb541cf0cee15af89a915899c45599b5037', '2026-11-30 20:38:09.917327+00');
INSERT INTO public.known_addresses VALUES ('d36fd3b2e667e7a603ba76cf09ee1be3e87f4b30d1ee8e6720991fe42303fe6a', '2026-11-30 20:38:09.930479+00');
INSERT INTO public.rate_counts VALUES ('d6f8ca1ebc7150b3f68de5b7eb3763b0cee1e703883cc272fa69426de4922f44', 4, '2026-11-30 20:35:08.989451+00');
INSERT INTO public.rate_counts VALUES ('9b5699a350140f5c772ea3a49a645202d0c5e3b9bed595580268a39915a21882', 0, '2026-11-30 20:38:10.019155+00');
INSERT INTO public.rate_counts VALUES ('23f721d748d65a15080d45166668bf1c8c75c01cba8bd742f73d2765fff073a3', 1, '2026-11-30 20:38:09.879901+00');
INSERT INTO public.rate_counts VALUES ('22334bfc8181b5bf603d830b5552f4e153df8cc8e73215a668b4a1568e309c7b', 1, '2026-11-30 20:38:09.884107+00');
INSERT INTO public.seaql_migrations VALUES ('m20261124_000001_users', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000002_uploads', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000003_images', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000004_control', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000006_previews', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000007_alt', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000008_search', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000009_visibility', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000010_hashes', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261125_000011_installation', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261127_000012_unfinished', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261127_000013_known_addresses', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261127_000014_folded_names', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261129_000015_ended_uploads', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261129_000016_cleaner', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261129_000017_api_tokens', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000018_sessions', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000019_idempotency_keys', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000020_trash_list', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000021_search_alt', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000022_orders', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000023_words', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000024_image_created_at', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000025_albums', 1796070908);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000026_ends', 1796070908);
INSERT INTO public.sessions VALUES ('01a22e2b-245d-702b-b1d1-24a278570401', '01a22e2b-244e-7737-a59b-fa97a8a7b582', 0, 'Unknown device', '2026-11-30 20:35:09.0219+00', '2026-11-30 20:35:09.0219+00', '2026-12-07 20:35:09.0218+00', NULL);
INSERT INTO public.sessions VALUES ('01a22e2b-2531-7418-b2d1-3f76c8510376', '01a22e2b-252d-75c8-978c-c6406606d1ed', 0, 'Unknown device', '2026-11-30 20:35:09.233474+00', '2026-11-30 20:35:09.233474+00', '2026-12-07 20:35:09.233394+00', NULL);
INSERT INTO public.sessions VALUES ('01a22e2b-27c4-73d3-8284-e94d73345b42', '01a22e2b-252d-75c8-978c-c6406606d1ed', 0, 'Unknown device', '2026-11-30 20:38:09.892486+00', '2026-11-30 20:38:09.892486+00', '2026-12-07 20:38:09.892362+00', '2026-11-30 20:38:09.897842+00');
INSERT INTO public.sessions VALUES ('01a22e2b-27d6-772f-8e71-34e5caea3d63', '01a22e2b-252d-75c8-978c-c6406606d1ed', 0, 'Unknown device', '2026-11-30 20:38:09.910666+00', '2026-11-30 20:38:09.910666+00', '2026-12-07 20:38:09.910482+00', NULL);
INSERT INTO public.sessions VALUES ('01a22e2b-27de-7344-af9f-dc1cdaaadc65', '01a22e2b-27da-739d-bd41-fd23b147ffd5', 0, 'Unknown device', '2026-11-30 20:38:09.919069+00', '2026-11-30 20:38:09.919069+00', '2026-12-07 20:38:09.918994+00', NULL);
INSERT INTO public.sessions VALUES ('01a22e2b-27ed-7654-810b-090084214376', '01a22e2b-27e7-7791-aa1b-0311b7bf18e8', 0, 'Unknown device', '2026-11-30 20:38:09.93383+00', '2026-11-30 20:38:09.93383+00', '2026-12-07 20:38:09.933765+00', NULL);
INSERT INTO public.uploads VALUES ('01a22e2b-2468-7354-a13a-575c5e666372', '01a22e2b-244e-7737-a59b-fa97a8a7b582', 'ready', 'bob.png', 'image/png', 36640, NULL, '[]', 'staging/01a22e2b-2468-7354-a13a-575c5e666372', '2026-11-30 20:50:09.032389+00', '2026-11-30 21:35:09.032389+00', '2026-11-30 21:35:09.032389+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 20:35:09.032389+00', 102, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e2b-24d8-7679-84e7-807eda1aad9a', '01a22e2b-244e-7737-a59b-fa97a8a7b582', 'aborted', 'aborted.jpg', 'image/jpeg', 1544, '68ab3196a09df6ced6b4e05898f73f54ddee4665af701be47bb599b0cacf8672', '[]', 'staging/01a22e2b-24d8-7679-84e7-807eda1aad9a', '2026-11-30 20:50:09.148098+00', '2026-11-30 21:35:09.148098+00', '2026-11-30 21:35:09.148098+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 20:35:09.148098+00', 100, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e2b-2501-7348-918b-6a97950ff88a', '01a22e2b-244e-7737-a59b-fa97a8a7b582', 'rejected', 'broken.jpg', 'image/jpeg', 204, NULL, '[]', 'staging/01a22e2b-2501-7348-918b-6a97950ff88a', '2026-11-30 20:50:09.18505+00', '2026-11-30 21:35:09.18505+00', '2026-11-30 21:35:09.18505+00', NULL, NULL, 1, 0, 'image_damaged', 'The picture is damaged: the file ends early. Open it in an editor and save it again.', '2026-11-30 20:35:09.18505+00', 100, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e2b-2534-752c-80cb-01493c8f4e0c', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'ready', 'Landscape.JPG', 'image/jpeg', 44229, NULL, '[]', 'staging/01a22e2b-2534-752c-80cb-01493c8f4e0c', '2026-11-30 20:50:09.236639+00', '2026-11-30 21:35:09.236639+00', '2026-11-30 21:35:09.236639+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 20:35:09.236639+00', 102, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e2b-25a0-7758-9526-4d156aafc133', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'ready', 'portrait-gps.jpg', 'image/jpeg', 45030, NULL, '[]', 'staging/01a22e2b-25a0-7758-9526-4d156aafc133', '2026-11-30 20:50:09.34433+00', '2026-11-30 21:35:09.34433+00', '2026-11-30 21:35:09.34433+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 20:35:09.34433+00', 102, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e2b-25e8-71eb-86bf-5f051db3b3e5', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'ready', 'alpha.png', 'image/png', 36640, NULL, '[]', 'staging/01a22e2b-25e8-71eb-86bf-5f051db3b3e5', '2026-11-30 20:50:09.416294+00', '2026-11-30 21:35:09.416294+00', '2026-11-30 21:35:09.416294+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 20:35:09.416294+00', 102, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e2b-2637-7475-aab4-2a52b0c1f65a', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'ready', 'Ünïcode Straße.webp', 'image/webp', 26606, 'c0d4d25f5ac2c44d0b491996c414ba8e1fddc7eeadb59a649d1762b3f6c12573', '[]', 'staging/01a22e2b-2637-7475-aab4-2a52b0c1f65a', '2026-11-30 20:50:09.501549+00', '2026-11-30 21:35:09.501549+00', '2026-11-30 21:35:09.501549+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 20:35:09.501549+00', 101, '01a22e2b-2628-7158-bd8e-c71deab3c1e4', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e2b-26aa-724c-87e2-2bc8c5491849', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'ready', 'café ΟΔΟΣ.gif', 'image/gif', 39101, NULL, '[]', 'staging/01a22e2b-26aa-724c-87e2-2bc8c5491849', '2026-11-30 20:50:09.611006+00', '2026-11-30 21:35:09.611006+00', '2026-11-30 21:35:09.611006+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 20:35:09.611006+00', 102, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e2b-2709-7110-b287-715b48298feb', '01a22e2b-252d-75c8-978c-c6406606d1ed', 'ready', 'ended.png', 'image/png', 1744, NULL, '[]', 'staging/01a22e2b-2709-7110-b287-715b48298feb', '2026-11-30 20:50:09.705572+00', '2026-11-30 21:35:09.705572+00', '2026-11-30 21:35:09.705572+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 20:35:09.705572+00', 100, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e2b-27f2-72bc-858c-8b093496a8c7', '01a22e2b-27e7-7791-aa1b-0311b7bf18e8', 'ready', 'gone.jpg', 'image/jpeg', 44229, NULL, '[]', 'staging/01a22e2b-27f2-72bc-858c-8b093496a8c7', '2026-11-30 20:53:09.938566+00', '2026-11-30 21:38:09.938566+00', '2026-11-30 21:38:09.938566+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-30 20:38:09.938566+00', 102, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.uploads VALUES ('01a22e2b-24c1-7721-b00c-01c15d5c985d', '01a22e2b-244e-7737-a59b-fa97a8a7b582', 'pending', 'waiting.jpg', 'image/jpeg', 44230, 'abababababababababababababababababababababababababababababababab', '["location"]', 'staging/01a22e2b-24c1-7721-b00c-01c15d5c985d', '2026-11-30 20:50:09.129645+00', '2026-11-30 21:35:09.129645+00', '2026-11-30 20:39:46.256067+00', NULL, NULL, 0, 0, NULL, NULL, '2026-11-30 20:35:09.129645+00', 102, NULL, 'Waiting', 'for its bytes', 'private', '2020-02-03 04:05:06+00', '2035-02-16 20:35:09.118522+00');
INSERT INTO public.uploads VALUES ('01a22e2b-24f6-74c8-9f82-ddcc95ac64de', '01a22e2b-244e-7737-a59b-fa97a8a7b582', 'processing', 'checked.jpg', 'image/jpeg', 1544, '695b29463d56bd63b17e6fea761e60b9be7a298745a579f8a5f85153ce59e820', '[]', 'staging/01a22e2b-24f6-74c8-9f82-ddcc95ac64de', '2026-11-30 20:50:09.177527+00', '2026-11-30 21:35:09.177527+00', '2026-11-30 20:39:58.546974+00', '01a22e2b-23bf-77e7-84e1-593c0bcb0321', '2026-11-30 20:35:08.86372+00', 1, 1, NULL, NULL, '2026-11-30 20:35:09.177527+00', 100, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.users VALUES ('01a22e2b-244e-7737-a59b-fa97a8a7b582', 'bob', 'bob@example.com', 'v1$2b$04$4TH2UHYBh.WmlsC3RLZaguhngoclTNImZGfZ9qp15KTKeRiaef3lu', 0, '2026-11-30 20:35:09.006433+00', 82276, NULL, NULL, 2, 202);
INSERT INTO public.users VALUES ('01a22e2b-252d-75c8-978c-c6406606d1ed', 'ada', 'ada@example.com', 'v1$2b$04$ArBTDLztCw9EUz3rVyil9eXYV1CpH1gI7CfItaG.ljpcEsf72aNha', 0, '2026-11-30 20:35:09.229078+00', 180976, NULL, NULL, 0, 0);
INSERT INTO public.users VALUES ('01a22e2b-27da-739d-bd41-fd23b147ffd5', 'eve', 'eve@example.com', 'v1$2b$04$wmkUCNPZ7kJzTh7ZjegU1OF.D.qUEpTdGpCnxSIgMMca6WVCYSVY.', 1, '2026-11-30 20:38:09.914624+00', 0, '2026-11-30 20:38:09.920756+00', NULL, 0, 0);
INSERT INTO public.users VALUES ('01a22e2b-27e7-7791-aa1b-0311b7bf18e8', 'deleted 01a22e2b-27e7-7791-aa1b-0311b7bf18e8', 'deleted 01a22e2b-27e7-7791-aa1b-0311b7bf18e8', 'v1$2b$04$sOJnz2FppyDifxDGNNwvOeGD1h2Hp3TB4bh7FgWegCP9P92j2nf8G', 1, '2026-11-30 20:38:09.927887+00', 44229, NULL, '2026-11-30 20:38:10.029287+00', 0, 0);
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
