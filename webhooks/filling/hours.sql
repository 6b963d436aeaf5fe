-- The moments of one chunk of calls.
TRUNCATE fill_moment;
TRUNCATE fill_story;
INSERT INTO fill_moment
SELECT n, country, begins_at + pg_temp.luck(n, 1) * interval '1 hour', false
FROM fill_hour
CROSS JOIN LATERAL generate_series(
    greatest(first_n, %(from_n)s), least(last_n, %(to_n)s)) AS numbers (n)
WHERE last_n >= %(from_n)s AND first_n <= %(to_n)s;
