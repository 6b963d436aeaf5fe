SET jit = off;  -- compiling these statements takes longer than running them

DROP TABLE IF EXISTS pg_temp.fill_account, pg_temp.fill_hour, pg_temp.fill_moment,
    pg_temp.fill_story;

-- What a run works with, gone with its session. luck() gives a number from 0 to 1 that depends on
-- the seed, the call's number and the die alone, so chunks may be made in any order.
CREATE OR REPLACE FUNCTION pg_temp.luck(n bigint, die int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT (hashint8extended(n * 64 + die, %(seed)s) & 9007199254740991)::float8 / 9007199254740992
$$;

-- A key of a row about call n; `what` tells its rows apart.
CREATE OR REPLACE FUNCTION pg_temp.key(what text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT md5(%(seed_word)s || what || n::text)::uuid
$$;

-- 42 letters as FreeClimb's ids have them.
CREATE OR REPLACE FUNCTION pg_temp.word(prefix text, what text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE
AS $$
    SELECT prefix || md5(%(seed_word)s || what || n::text) || left(md5(what || n::text), 8)
$$;

-- Bell-shaped, from two dice.
CREATE OR REPLACE FUNCTION pg_temp.bell(n bigint, die int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT sqrt(-2 * ln(1 - pg_temp.luck(n, die))) * cos(2 * pi() * pg_temp.luck(n, die + 1))
$$;

CREATE TEMP TABLE fill_account (
    country text, place int, id uuid, endpoint uuid, provider text, provider_account_id text,
    least float8, below float8  -- its share of the country's calls, as a range of luck
);

-- Hours of the period, each with the numbers of the calls that begin in it: days have two busy
-- times, Sundays are quiet, and business grows a little over the period.
CREATE TEMP TABLE fill_hour AS
WITH hours AS (
    SELECT begins_at, country,
        begins_at AT TIME ZONE zone AS there,
        share * (1 + 0.4 * extract(epoch FROM begins_at - %(since)s)
            / extract(epoch FROM %(until)s - %(since)s)::float8) AS weight
    FROM (VALUES ('IN', 'Asia/Kolkata', 0.6), ('US', 'America/Chicago', 0.4))
            AS countries (country, zone, share),
        generate_series(%(since)s, %(until)s - interval '1 hour', interval '1 hour') AS begins_at
), weighed AS (
    SELECT begins_at, country, weight
        * (0.04 + exp(-((extract(hour FROM there)::float8 - 11.5) ^ 2) / 8)
            + 0.8 * exp(-((extract(hour FROM there)::float8 - 17) ^ 2) / 7))
        * (ARRAY[0.25, 1.15, 1.05, 1.0, 1.0, 0.95, 0.6])[extract(dow FROM there)::int + 1] AS weight
    FROM hours
), summed AS (
    SELECT begins_at, country, weight,
        sum(weight) OVER (ORDER BY begins_at, country) AS until_here,
        sum(weight) OVER () AS total
    FROM weighed
)
SELECT begins_at, country,
    %(first)s + round(%(calls)s * (until_here - weight) / total)::bigint AS first_n,
    %(first)s + round(%(calls)s * until_here / total)::bigint - 1 AS last_n
FROM summed;

-- The calls of one chunk: when each began; then its whole story, from which all rows are made.
CREATE TEMP TABLE fill_moment (n bigint, country text, begun_at timestamptz, live boolean);
CREATE TEMP TABLE fill_story (
    n bigint, call uuid, child uuid, provider_call_id text, child_provider_call_id text,
    account uuid, endpoint uuid, provider text, provider_account_id text,
    inbound boolean, live boolean, status text, flags jsonb,
    customer text, service text, agent text, agent_name text, agent_answered boolean,
    group_name text, ivr_keys text, answered_by text,
    begun_at timestamptz, answered_at timestamptz, ended_at timestamptz,
    wait bigint, talk bigint
);
