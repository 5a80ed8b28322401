SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
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
    search_title text,
    search_filename text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.installation (
    "row" integer NOT NULL,
    id uuid NOT NULL,
    sweep_due_at timestamp with time zone NOT NULL,
    sweep_lease_id uuid,
    sweep_lease_until timestamp with time zone,
    swept_at timestamp with time zone
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
    created_at timestamp with time zone NOT NULL
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
    deleted_at timestamp with time zone
);
INSERT INTO public.images VALUES ('01a21e55-b0be-7530-a2a3-326aca55433c', '01a21e55-b096-747b-8426-fc684171c2b1', 'OaE2WOr7cJK', 'ready', NULL, 'Landscape.JPG', 'image/jpeg', 44229, 600, 400, 'a4d4a947bd283fbb35d5257d267108149c05802baf97f47f82ed91eff5f6263c', 'a4d4a947bd283fbb35d5257d267108149c05802baf97f47f82ed91eff5f6263c', 'unlisted', '[]', 'GJoKDYSlqIdPUXd3eEeHh9N/YIkI', 'images/01a21e55-b0be-7530-a2a3-326aca55433c/1/original', 'images/01a21e55-b0be-7530-a2a3-326aca55433c/1/thumb', '2026-11-27 18:47:42.122295+00', NULL, 'images/01a21e55-b0be-7530-a2a3-326aca55433c/1/preview', NULL, NULL, 'landscape.jpg');
INSERT INTO public.images VALUES ('01a21e55-b2b2-7124-a436-21fc8fb174ba', '01a21e55-b096-747b-8426-fc684171c2b1', 'a7Xvq3lXkpH', 'ready', NULL, 'café ΟΔΟΣ.gif', 'image/gif', 39084, 120, 90, 'efffa732274bb7a30bd7b1e51735a7788ee38c5ff80d4578e3bf87f6692db0c9', 'c63b2926edf21895d74398e6401a5df8f4586da59d478748bbd7acec2325737b', 'unlisted', '[{"by": "server", "code": "comment"}]', 'BfgBBYBVRZq9M5PbRaVqf9CCAbSc', 'images/01a21e55-b2b2-7124-a436-21fc8fb174ba/1/original', 'images/01a21e55-b2b2-7124-a436-21fc8fb174ba/1/thumb', '2026-11-27 18:47:42.582239+00', NULL, 'images/01a21e55-b2b2-7124-a436-21fc8fb174ba/1/preview', NULL, NULL, 'café οδοσ.gif');
INSERT INTO public.images VALUES ('01a21e55-b210-72b8-8f33-5a477903c9aa', '01a21e55-b096-747b-8426-fc684171c2b1', 'oKk6IzGcAnS', 'ready', 'STRASSE, Café und İstanbul', 'Ünïcode Straße.webp', 'image/webp', 23094, 640, 480, '7c7f747bf82726d4ed19310e7b0afbd3ea91cd6578cb3172cee1202be2446aca', 'c0d4d25f5ac2c44d0b491996c414ba8e1fddc7eeadb59a649d1762b3f6c12573', 'unlisted', '[{"by": "server", "code": "location"}, {"by": "server", "code": "owner"}, {"by": "server", "code": "device"}, {"by": "server", "code": "time"}, {"by": "server", "code": "software"}, {"by": "server", "code": "comment"}, {"by": "server", "code": "exif"}, {"by": "server", "code": "xmp"}]', 'BfgBBYCnyPfJl7mUdWKTaKWIIJkM', 'images/01a21e55-b210-72b8-8f33-5a477903c9aa/1/original', 'images/01a21e55-b210-72b8-8f33-5a477903c9aa/1/thumb', '2026-11-27 18:47:42.493264+00', NULL, 'images/01a21e55-b210-72b8-8f33-5a477903c9aa/1/preview', 'A street', 'strasse, café und i̇stanbul', 'ünïcode straße.webp');
INSERT INTO public.images VALUES ('01a21e55-b1b4-745f-9b36-e18785e84147', '01a21e55-b096-747b-8426-fc684171c2b1', 'YeRRi8JvYox', 'ready', 'Café', 'alpha.png', 'image/png', 36502, 150, 140, '05c0e72519e6b43966e177817546666628fe2f2a05d949f4bbd8f68cf8aee93b', '19f2f6f458f80793213bb06adbf00a48a636fca8e34981da77cc8c06a80626d8', 'private', '[{"by": "server", "code": "owner"}, {"by": "server", "code": "time"}, {"by": "server", "code": "software"}, {"by": "server", "code": "comment"}]', 'mlmCBYAryks1+ZhlS1iQkwVJB1eIiICFWA==', 'images/01a21e55-b1b4-745f-9b36-e18785e84147/1/original', 'images/01a21e55-b1b4-745f-9b36-e18785e84147/1/thumb', '2026-11-27 18:47:42.335275+00', NULL, 'images/01a21e55-b1b4-745f-9b36-e18785e84147/1/preview', NULL, 'café', 'alpha.png');
INSERT INTO public.images VALUES ('01a21e55-b140-7479-b5a6-060a3aad15fa', '01a21e55-b096-747b-8426-fc684171c2b1', 'io7IEbNiItx', 'trashed', NULL, 'portrait-gps.jpg', 'image/jpeg', 36325, 384, 512, '694f69fba17609a912047c57b88f538203d34ccc2af64d3cfdef6622ea991924', '7654720e0a478cdeb3d2da49ff5955685fefce13516ed22388fbf6c8feaa9407', 'unlisted', '[{"by": "client", "code": "location"}, {"by": "server", "code": "location"}, {"by": "server", "code": "owner"}, {"by": "server", "code": "device"}, {"by": "server", "code": "serial"}, {"by": "server", "code": "time"}, {"by": "server", "code": "software"}, {"by": "server", "code": "comment"}, {"by": "server", "code": "thumbnail"}, {"by": "server", "code": "exif"}, {"by": "server", "code": "xmp"}, {"by": "server", "code": "iptc"}]', '3UgOHQh6ak+ohWp1eXWIln9j9jhl', 'images/01a21e55-b140-7479-b5a6-060a3aad15fa/1/original', 'images/01a21e55-b140-7479-b5a6-060a3aad15fa/1/thumb', '2026-11-27 18:47:42.238627+00', '2026-12-04 18:47:42.612628+00', 'images/01a21e55-b140-7479-b5a6-060a3aad15fa/1/preview', NULL, NULL, 'portrait-gps.jpg');
INSERT INTO public.images VALUES ('01a21e55-b31c-77e8-822f-73ba1bd2893a', '01a21e55-b0a0-70ab-9717-3611aa0f7eb1', 'g7b6RFmEkK3', 'ready', NULL, 'bob.png', 'image/png', 36502, 150, 140, '05c0e72519e6b43966e177817546666628fe2f2a05d949f4bbd8f68cf8aee93b', '19f2f6f458f80793213bb06adbf00a48a636fca8e34981da77cc8c06a80626d8', 'unlisted', '[{"by": "server", "code": "owner"}, {"by": "server", "code": "time"}, {"by": "server", "code": "software"}, {"by": "server", "code": "comment"}]', 'mlmCBYAryks1+ZhlS1iQkwVJB1eIiICFWA==', 'images/01a21e55-b31c-77e8-822f-73ba1bd2893a/1/original', 'images/01a21e55-b31c-77e8-822f-73ba1bd2893a/1/thumb', '2026-11-27 18:47:42.688627+00', NULL, 'images/01a21e55-b31c-77e8-822f-73ba1bd2893a/1/preview', NULL, NULL, 'bob.png');
INSERT INTO public.installation VALUES (1, '01a21e55-af6e-77a6-bc1e-638958ac6e73', '2026-11-28 18:47:41.864066+00', NULL, NULL, '2026-11-27 18:47:41.864188+00');
INSERT INTO public.rate_counts VALUES ('d6f8ca1ebc7150b3f68de5b7eb3763b0cee1e703883cc272fa69426de4922f44', 4, '2026-11-27 18:47:41.97108+00');
INSERT INTO public.rate_counts VALUES ('50bde3b27b6d1c4ddfb4c194576d1a11b3487cd6fb12760dc5988c4c8d667632', 1, '2026-11-27 18:47:43.000485+00');
INSERT INTO public.rate_counts VALUES ('23f721d748d65a15080d45166668bf1c8c75c01cba8bd742f73d2765fff073a3', 1, '2026-11-27 18:47:42.998812+00');
INSERT INTO public.rate_counts VALUES ('f25158c6a05f7f167b20b67303ea4083a4fbfa3d5159d789127d5c374c412c8e', 0, '2026-11-27 18:47:43.009734+00');
INSERT INTO public.seaql_migrations VALUES ('m20261124_000001_users', 1795805261);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000002_uploads', 1795805261);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000003_images', 1795805261);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000004_control', 1795805261);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000006_previews', 1795805261);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000007_alt', 1795805261);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000008_search', 1795805261);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000009_visibility', 1795805261);
INSERT INTO public.seaql_migrations VALUES ('m20261124_000010_hashes', 1795805261);
INSERT INTO public.seaql_migrations VALUES ('m20261125_000011_installation', 1795805261);
INSERT INTO public.uploads VALUES ('01a21e55-b0be-7530-a2a3-326aca55433c', '01a21e55-b096-747b-8426-fc684171c2b1', 'ready', 'Landscape.JPG', 'image/jpeg', 44229, 'a4d4a947bd283fbb35d5257d267108149c05802baf97f47f82ed91eff5f6263c', '[]', 'staging/01a21e55-b0be-7530-a2a3-326aca55433c', '2026-11-27 19:02:42.014657+00', '2026-11-27 19:47:42.014657+00', '2026-11-27 19:47:42.014657+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-27 18:47:42.014657+00');
INSERT INTO public.uploads VALUES ('01a21e55-b140-7479-b5a6-060a3aad15fa', '01a21e55-b096-747b-8426-fc684171c2b1', 'ready', 'portrait-gps.jpg', 'image/jpeg', 45030, '7654720e0a478cdeb3d2da49ff5955685fefce13516ed22388fbf6c8feaa9407', '["location"]', 'staging/01a21e55-b140-7479-b5a6-060a3aad15fa', '2026-11-27 19:02:42.144111+00', '2026-11-27 19:47:42.144111+00', '2026-11-27 19:47:42.144111+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-27 18:47:42.144111+00');
INSERT INTO public.uploads VALUES ('01a21e55-b1b4-745f-9b36-e18785e84147', '01a21e55-b096-747b-8426-fc684171c2b1', 'ready', 'alpha.png', 'image/png', 36640, '19f2f6f458f80793213bb06adbf00a48a636fca8e34981da77cc8c06a80626d8', '[]', 'staging/01a21e55-b1b4-745f-9b36-e18785e84147', '2026-11-27 19:02:42.26023+00', '2026-11-27 19:47:42.26023+00', '2026-11-27 19:47:42.26023+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-27 18:47:42.26023+00');
INSERT INTO public.uploads VALUES ('01a21e55-b210-72b8-8f33-5a477903c9aa', '01a21e55-b096-747b-8426-fc684171c2b1', 'ready', 'Ünïcode Straße.webp', 'image/webp', 26606, NULL, '[]', 'staging/01a21e55-b210-72b8-8f33-5a477903c9aa', '2026-11-27 19:02:42.352398+00', '2026-11-27 19:47:42.352398+00', '2026-11-27 19:47:42.352398+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-27 18:47:42.352398+00');
INSERT INTO public.uploads VALUES ('01a21e55-b2b2-7124-a436-21fc8fb174ba', '01a21e55-b096-747b-8426-fc684171c2b1', 'ready', 'café ΟΔΟΣ.gif', 'image/gif', 39101, 'c63b2926edf21895d74398e6401a5df8f4586da59d478748bbd7acec2325737b', '[]', 'staging/01a21e55-b2b2-7124-a436-21fc8fb174ba', '2026-11-27 19:02:42.514585+00', '2026-11-27 19:47:42.514585+00', '2026-11-27 19:47:42.514585+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-27 18:47:42.514585+00');
INSERT INTO public.uploads VALUES ('01a21e55-b31c-77e8-822f-73ba1bd2893a', '01a21e55-b0a0-70ab-9717-3611aa0f7eb1', 'ready', 'bob.png', 'image/png', 36640, '19f2f6f458f80793213bb06adbf00a48a636fca8e34981da77cc8c06a80626d8', '[]', 'staging/01a21e55-b31c-77e8-822f-73ba1bd2893a', '2026-11-27 19:02:42.620809+00', '2026-11-27 19:47:42.620809+00', '2026-11-27 19:47:42.620809+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-27 18:47:42.620809+00');
INSERT INTO public.uploads VALUES ('01a21e55-b371-71da-b139-e02f9958fbcf', '01a21e55-b0a0-70ab-9717-3611aa0f7eb1', 'pending', 'waiting.jpg', 'image/jpeg', 44230, '380807796d425a332e9140ab18c30c054c14d5a797eb7cc8ccb1461a3cb877b4', '[]', 'staging/01a21e55-b371-71da-b139-e02f9958fbcf', '2026-11-27 19:02:42.705798+00', '2026-11-27 19:47:42.705798+00', '2026-11-27 18:47:57.705798+00', NULL, NULL, 0, 0, NULL, NULL, '2026-11-27 18:47:42.705798+00');
INSERT INTO public.uploads VALUES ('01a21e55-b37f-76dc-81ad-b9f7caa298d7', '01a21e55-b0a0-70ab-9717-3611aa0f7eb1', 'aborted', 'aborted.jpg', 'image/jpeg', 44230, '5ff33bea013e8304b20bf822be015e816e93c241f0e5067cbecfbcdfac44289d', '[]', 'staging/01a21e55-b37f-76dc-81ad-b9f7caa298d7', '2026-11-27 19:02:42.719336+00', '2026-11-27 19:47:42.719336+00', '2026-11-27 19:47:42.719336+00', NULL, NULL, 0, 0, NULL, NULL, '2026-11-27 18:47:42.719336+00');
INSERT INTO public.uploads VALUES ('01a21e55-b399-7461-acc8-68275b25c2f9', '01a21e55-b0a0-70ab-9717-3611aa0f7eb1', 'rejected', 'broken.jpg', 'image/jpeg', 204, 'b06d89e24fe61723b6980231efb6bc763c14757322a691ba7b57e6bca8039734', '[]', 'staging/01a21e55-b399-7461-acc8-68275b25c2f9', '2026-11-27 19:02:42.745986+00', '2026-11-27 19:47:42.745986+00', '2026-11-27 19:47:42.745986+00', NULL, NULL, 1, 0, 'image_damaged', 'The picture is damaged: a segment has the wrong length. Open it in an editor and save it again.', '2026-11-27 18:47:42.745986+00');
INSERT INTO public.uploads VALUES ('01a21e55-b3c9-74e5-bc2c-d7cb38dd8ae7', '01a21e55-b0a0-70ab-9717-3611aa0f7eb1', 'ready', 'forever.gif', 'image/gif', 39101, 'c63b2926edf21895d74398e6401a5df8f4586da59d478748bbd7acec2325737b', '[]', 'staging/01a21e55-b3c9-74e5-bc2c-d7cb38dd8ae7', '2026-11-27 19:02:42.793586+00', '2026-11-27 19:47:42.793586+00', '2026-11-27 19:47:42.793586+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-27 18:47:42.793586+00');
INSERT INTO public.uploads VALUES ('01a21e55-b422-7228-a1b3-d2eb56f032d9', '01a21e55-b0b3-74f2-8577-3aeaae0563be', 'ready', 'gone.jpg', 'image/jpeg', 44229, 'a4d4a947bd283fbb35d5257d267108149c05802baf97f47f82ed91eff5f6263c', '[]', 'staging/01a21e55-b422-7228-a1b3-d2eb56f032d9', '2026-11-27 19:02:42.883005+00', '2026-11-27 19:47:42.883005+00', '2026-11-27 19:47:42.883005+00', NULL, NULL, 1, 0, NULL, NULL, '2026-11-27 18:47:42.883005+00');
INSERT INTO public.users VALUES ('01a21e55-b0aa-73b8-ab1b-deff7f5516ce', 'eve', 'eve@example.com', 'v1$2b$04$IoMPB1OKj3r5pgWpFCxXqOlqRqWzkJnSRbphuFltijcSM68KfBIGm', 0, '2026-11-27 18:47:41.994105+00', 0, NULL, NULL);
INSERT INTO public.users VALUES ('01a21e55-b096-747b-8426-fc684171c2b1', 'ada', 'ada@example.com', 'v1$2b$04$H3NeObv7tRFFHneZDy2o2ONfjNR2cJ1mpaPG6SZ9WPfT7ewiuwaoW', 0, '2026-11-27 18:47:41.974465+00', 179234, NULL, NULL);
INSERT INTO public.users VALUES ('01a21e55-b0b3-74f2-8577-3aeaae0563be', 'deleted 01a21e55-b0b3-74f2-8577-3aeaae0563be', 'deleted 01a21e55-b0b3-74f2-8577-3aeaae0563be', 'v1$2b$04$Yax88SQ/9iFfzfgLL9u7Te3XoMfuqfWSBN.UaXo.KA8W0TZ5ttDaa', 1, '2026-11-27 18:47:42.003053+00', 0, NULL, '2026-11-27 18:47:43.015446+00');
INSERT INTO public.users VALUES ('01a21e55-b0a0-70ab-9717-3611aa0f7eb1', 'bob', 'bob@example.com', 'v1$2b$04$B6Pe6BEy4NXNUMVIQ26vx.ZX4Ae/wVbZuiuFg.TzejkVq0LN7e4SS', 0, '2026-11-27 18:47:41.984191+00', 80732, NULL, NULL);
ALTER TABLE ONLY public.images
    ADD CONSTRAINT images_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY ("row");
ALTER TABLE ONLY public.rate_counts
    ADD CONSTRAINT rate_counts_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.seaql_migrations
    ADD CONSTRAINT seaql_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);
CREATE INDEX images_due_at_idx ON public.images USING btree (due_at);
CREATE INDEX images_list_idx ON public.images USING btree (user_id, state, created_at DESC, id DESC);
CREATE INDEX images_sha256_idx ON public.images USING btree (user_id, state, sha256, created_at DESC);
CREATE UNIQUE INDEX images_slug_key ON public.images USING btree (slug);
CREATE INDEX images_source_sha256_idx ON public.images USING btree (user_id, state, source_sha256, created_at DESC);
CREATE INDEX images_visibility_list_idx ON public.images USING btree (user_id, state, visibility, created_at DESC, id DESC);
CREATE INDEX rate_counts_started_at_idx ON public.rate_counts USING btree (started_at);
CREATE INDEX uploads_due_at_idx ON public.uploads USING btree (due_at);
CREATE INDEX uploads_user_id_idx ON public.uploads USING btree (user_id);
CREATE INDEX users_deleted_at_idx ON public.users USING btree (deleted_at);
CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email);
CREATE UNIQUE INDEX users_username_key ON public.users USING btree (username);
ALTER TABLE ONLY public.images
    ADD CONSTRAINT images_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);
