-- What an installation holds after a year: :images pictures, every second one of the user `bench`, the others of 999 more.
-- Of those of `bench`, one in ten is private, one in two has a title, and in twenty titles there is a lighthouse.
BEGIN;

INSERT INTO users (id, username, email, password_hash, token_version, created_at)
SELECT gen_random_uuid(), 'guest-' || n, 'guest-' || n || '@example.test', bench.password_hash, 0, now() - interval '366 days'
FROM generate_series(1, 999) AS n, (SELECT password_hash FROM users WHERE username = 'bench') AS bench;

CREATE TEMPORARY TABLE owners ON COMMIT DROP AS
SELECT id, row_number() OVER (ORDER BY username <> 'bench', id) - 1 AS place FROM users;
ANALYZE owners;

-- Times and ids rise together, as they do when files come in one after the other.
CREATE TEMPORARY TABLE pictures ON COMMIT DROP AS
SELECT n, at, md5('bytes ' || n) AS hash, 'IMG_' || lpad(n::text, 7, '0') || '.JPG' AS filename,
    CASE WHEN n % (:images / 20) = 0 THEN 'Lighthouse in the evening ' || n WHEN n % 4 = 0 THEN 'Holiday at the sea ' || n END AS title,
    (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0')
        || '7' || substr(md5('id ' || n), 1, 3) || '9' || substr(md5('id ' || n), 4, 15))::uuid AS id
FROM (
    SELECT n, now() - interval '366 days' + n * (interval '365 days' / :images) AS at FROM generate_series(0, :images - 1) AS n
) AS taken;

-- No cleaner of today makes them again: their files are nowhere.
INSERT INTO images (id, user_id, slug, state, title, search_title, filename, search_filename, content_type, size_bytes, width, height,
    sha256, source_sha256, visibility, removed, placeholder, original_key, preview_key, thumb_key, cleaner, created_at)
SELECT p.id, owners.id, substr(md5('slug ' || n), 1, 16), 'ready', title, lower(title), filename, lower(filename), 'image/jpeg',
    500000 + n % 4000000, 4000, 3000, hash || md5(hash), md5(hash) || hash,
    CASE WHEN n % 20 = 0 THEN 'private' ELSE 'unlisted' END,
    '[{"code":"location","by":"client"},{"code":"device","by":"client"},{"code":"time","by":"client"}]'::json,
    '1QcSHQRnh493V4dIh4eXh1h4kJUI', 'images/' || p.id || '/1/original', 'images/' || p.id || '/1/preview', 'images/' || p.id || '/1/thumb',
    2000000000, at
FROM pictures AS p JOIN owners ON place = CASE WHEN n % 2 = 0 THEN 0 ELSE 1 + (n / 2) % 999 END
ORDER BY n;

UPDATE users SET used_bytes = held.bytes
FROM (SELECT user_id, sum(size_bytes) AS bytes FROM images GROUP BY user_id) AS held WHERE held.user_id = users.id;

COMMIT;
VACUUM (ANALYZE) users;
VACUUM (ANALYZE) images;
CHECKPOINT;
