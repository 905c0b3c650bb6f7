-- Captures as they are, beside captures whose text and headers stand in a table of their own.
-- psql "$DATABASE_URL" -f docs/adr/0011-text-in-the-row.sql    on a throw-away database; it needs no table of ours
\set captures 20000
\set ON_ERROR_STOP on
\pset footer off
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS measured CASCADE;
CREATE SCHEMA measured;
SET search_path = measured;
SELECT setseed(0.5) \g /dev/null

-- A made-up language, paragraphs of it, and pages of 7 to 65 paragraphs: 5,000 to 55,000 characters.
CREATE TABLE word AS
    SELECT n, substr(translate(md5(n::text), '0123456789', 'aeioutnrsl'), 1, 2 + (random() * 8)::int) AS word
    FROM generate_series(1, 6000) n;
CREATE TABLE paragraph AS
    SELECT p AS n, (
        SELECT string_agg(word, ' ')
        FROM (SELECT (1 + 5999 * power(random(), 3))::int AS n FROM generate_series(1, 110) WHERE p > 0) pick
        JOIN word USING (n)
    ) AS paragraph
    FROM generate_series(1, 4000) p;
ALTER TABLE paragraph ADD PRIMARY KEY (n);
ANALYZE word, paragraph;

CREATE TABLE whole AS
    SELECT n::bigint AS id, (n % (:captures / 5))::bigint AS reference_id, NULL::bigint AS job_id, 1 AS attempt,
        now() AS fetched_at, 'ok'::varchar AS outcome_code, 'https://site.example/2026/11/' || n AS final_url,
        200::smallint AS status, headers,
        jsonb_build_array(jsonb_build_object('url', 'https://site.example/2026/11/' || n, 'status', 200,
            'address', '203.0.113.7', 'certificate_sha256', repeat('ab', 32), 'headers', headers)) AS hops,
        'text/html'::varchar AS media_type, 'utf-8'::varchar AS charset, md5(n::text) || md5('b' || n) AS body_sha256,
        60000::bigint AS body_size, 'captures/' || md5(n::text) AS body_key, md5('w' || n) || md5('x' || n) AS wire_sha256,
        62000::bigint AS wire_size, 'wire/' || md5(n::text) AS wire_key, false AS tls_unverified,
        'Title ' || n AS title, 'Site'::varchar AS site, 'Author ' || n % 50 AS author, 'en'::varchar AS language,
        repeat('words of the page ', 12) AS excerpt, repeat('factcheck-reading/3 ', 4) AS extractor, text,
        md5(text) || md5(text) AS text_sha256,
        '{"title": "json-ld", "author": "json-ld", "title_confidence": 90, "site": "opengraph"}'::jsonb AS provenance,
        '[]'::jsonb AS warnings
    FROM generate_series(1, :captures) n,
    LATERAL (
        SELECT jsonb_agg(jsonb_build_array('x-header-' || h, md5(n::text || h) || md5(h::text))) AS headers
        FROM generate_series(1, 18) h
    ) given,
    LATERAL (
        SELECT string_agg(paragraph, E'\n\n') AS text
        FROM (SELECT ((n * 7919 + k * 104729) % 4000) + 1 AS n FROM generate_series(1, 7 + (n * 31 % 59)) k) chosen
        JOIN paragraph USING (n)
    ) page;
CREATE TABLE head AS SELECT * FROM whole ORDER BY id;
ALTER TABLE head DROP COLUMN text, DROP COLUMN headers;
CREATE TABLE content AS SELECT id, text, headers FROM whole ORDER BY id;
CREATE TABLE newest AS SELECT reference_id, max(id) AS id FROM whole GROUP BY 1;
CREATE TABLE passage AS
    SELECT n / 20 AS claim_id, id AS capture_id, (random() * (length(text) - 100))::int AS start
    FROM (SELECT row_number() OVER (ORDER BY id) AS n, id, text FROM whole WHERE id % 10 = 1) placed;
VACUUM FULL whole;
VACUUM FULL head;
VACUUM FULL content;
ALTER TABLE whole ADD PRIMARY KEY (id);
ALTER TABLE head ADD PRIMARY KEY (id);
ALTER TABLE content ADD PRIMARY KEY (id), ADD FOREIGN KEY (id) REFERENCES head DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE newest ADD PRIMARY KEY (reference_id);
CREATE INDEX ON whole (reference_id);
CREATE INDEX ON head (reference_id);
CREATE INDEX ON passage (claim_id);
VACUUM ANALYZE whole, head, content, newest, passage;

CREATE TABLE result (at int GENERATED ALWAYS AS IDENTITY, "case" text, layout text, ms numeric, pages numeric);

-- Every query is told a number to vary by; what is kept is the median of `rounds`, and the pages that one touches.
CREATE PROCEDURE measure(what text, in_layout text, query text, rounds int) LANGUAGE plpgsql AS $$
DECLARE
    begun timestamptz;
    taken numeric[] := '{}';
    touched numeric := 0;
    plan jsonb;
BEGIN
    FOR n IN 1..10 LOOP
        EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ' || query INTO plan USING n * 97;
        touched := touched + (plan #>> '{0,Plan,Shared Hit Blocks}')::numeric + (plan #>> '{0,Plan,Shared Read Blocks}')::numeric;
    END LOOP;
    FOR n IN 1..rounds LOOP
        begun := clock_timestamp();
        EXECUTE query USING n;
        taken := taken || extract(epoch FROM clock_timestamp() - begun) * 1000;
    END LOOP;
    INSERT INTO result ("case", layout, ms, pages)
        SELECT what, in_layout, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t)::numeric, 3), round(touched / 10)
        FROM unnest(taken) t;
END
$$;
\set listed 'count(*), max(c.final_url), max(c.title), max(c.body_sha256), max(c.text_sha256), max(c.warnings::text)'
\set timeline ' FROM (SELECT * FROM %s WHERE reference_id = $1 ORDER BY id DESC LIMIT 21) c'
CALL measure('the captures of one page', 'one row', 'SELECT ' || :'listed' || format(:'timeline', 'whole'), 500);
CALL measure('the captures of one page', 'split', 'SELECT ' || :'listed' || format(:'timeline', 'head'), 500);
CALL measure('the same, text left in by mistake', 'one row', 'SELECT ' || :'listed' || ', max(length(c.text)), max(c.headers::text)' || format(:'timeline', 'whole'), 500);
\set sources ' FROM (SELECT * FROM newest WHERE reference_id > $1 ORDER BY reference_id LIMIT 50) r JOIN %s c ON c.id = r.id'
CALL measure('50 sources, each with its newest capture', 'one row', 'SELECT ' || :'listed' || format(:'sources', 'whole'), 500);
CALL measure('50 sources, each with its newest capture', 'split', 'SELECT ' || :'listed' || format(:'sources', 'head'), 500);
\set cut 'SELECT sum(length(substr(t.text, greatest(start - 10000, 0) + 1, least(start, 10000)))), sum(length(substr(t.text, start + 1, 80))), sum(length(substr(t.text, start + 81, 10000))), max(c.warnings::text) FROM passage '
CALL measure('20 passages in their surroundings', 'one row', :'cut' || 'JOIN whole c ON c.id = capture_id, LATERAL (SELECT c.text) t WHERE claim_id = $1 % 100', 200);
CALL measure('20 passages in their surroundings', 'split', :'cut' || 'JOIN head c ON c.id = capture_id JOIN content t ON t.id = capture_id WHERE claim_id = $1 % 100', 200);
CALL measure('one capture with its text', 'one row', 'SELECT c.*, length(c.text), c.headers::text FROM whole c WHERE id = $1', 500);
CALL measure('one capture with its text', 'split', 'SELECT c.*, length(t.text), t.headers::text FROM head c JOIN content t USING (id) WHERE id = $1', 500);
CALL measure('a sweep over all captures', 'one row', 'SELECT count(*), max(c.body_size), max(c.fetched_at) FROM whole c WHERE $1 > 0', 30);
CALL measure('a sweep over all captures', 'split', 'SELECT count(*), max(c.body_size), max(c.fetched_at) FROM head c WHERE $1 > 0', 30);
SELECT string_agg(column_name, ', ') AS columns FROM information_schema.columns
    WHERE table_schema = 'measured' AND table_name = 'head' AND column_name <> 'id' \gset
CREATE SEQUENCE fresh START 1000000;
CALL measure('a new capture', 'one row', format('INSERT INTO whole (id, %1$s, text, headers) SELECT nextval(''fresh''), %1$s, text, headers FROM whole WHERE id = $1', :'columns'), 500);
CALL measure('a new capture', 'split', format('WITH made AS (INSERT INTO head (id, %1$s) SELECT nextval(''fresh''), %1$s FROM head WHERE id = $1 RETURNING id) INSERT INTO content SELECT made.id, text, headers FROM made, content WHERE content.id = $1', :'columns'), 500);

SELECT version();
SELECT round(avg(length(text))) AS characters, min(length(text)), max(length(text)), round(avg(pg_column_size(text))) AS "bytes stored",
    round(avg(pg_column_size(headers))) AS "of headers" FROM whole WHERE id < 1000000;
SELECT relname, pg_size_pretty(pg_relation_size(oid)) AS rows, pg_size_pretty(pg_total_relation_size(oid) - pg_relation_size(oid)) AS "out of line, indexes"
    FROM pg_class WHERE relnamespace = 'measured'::regnamespace AND relname IN ('whole', 'head', 'content') ORDER BY relname DESC;
SELECT "case", layout, ms, pages FROM result ORDER BY at;
DROP SCHEMA measured CASCADE;
