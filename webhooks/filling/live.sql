-- Calls that go on now: most began in the last minutes, of a few the end was never reported.
TRUNCATE fill_moment;
TRUNCATE fill_story;
INSERT INTO fill_moment
SELECT n, CASE WHEN pg_temp.luck(n, 32) < 0.6 THEN 'IN' ELSE 'US' END,
    %(until)s - CASE WHEN pg_temp.luck(n, 33) < 0.95 THEN interval '10 minutes'
        ELSE interval '9 hours' END * pg_temp.luck(n, 1), true
FROM generate_series(%(from_n)s, %(to_n)s) AS numbers (n);
