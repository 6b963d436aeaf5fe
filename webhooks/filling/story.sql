-- Stories of the calls in fill_moment. FreeClimb's inbound calls dial an agent by a call of their
-- own (child); at CallerDesk agents are a leg of the same call.
INSERT INTO fill_story
SELECT n, pg_temp.key('call', n),
    CASE WHEN freeclimb AND rang THEN pg_temp.key('child', n) END,
    CASE WHEN freeclimb THEN pg_temp.word('CA', 'call', n)
        ELSE extract(epoch FROM begun_at)::bigint || '.' || n END,
    CASE WHEN freeclimb AND rang THEN pg_temp.word('CA', 'child', n) ELSE '' END,
    account, endpoint, provider, provider_account_id,
    inbound, live, status,
    CASE WHEN NOT flagged THEN '[]'::jsonb
        WHEN freeclimb THEN '["direction_conflict"]'::jsonb
        ELSE '["talk_exceeds_duration"]'::jsonb END,
    customer, service,
    CASE WHEN rang THEN agent ELSE '' END,
    CASE WHEN rang AND NOT freeclimb THEN agent_name ELSE '' END,
    CASE WHEN rang THEN answered OR (NOT inbound AND luck_agent < 0.7) END,
    CASE WHEN freeclimb THEN ''
        ELSE (ARRAY['Sales', 'Sales', 'Support', 'Support', 'Billing', ''])[1 + floor(luck_group * 6)]
        END,
    CASE WHEN inbound AND NOT freeclimb THEN (1 + floor(luck_group * 4))::text ELSE '' END,
    CASE WHEN NOT freeclimb OR inbound OR NOT answered THEN ''
        WHEN luck_group < 0.15 THEN 'machine' WHEN luck_group < 0.6 THEN 'human' ELSE '' END,
    begun_at,
    CASE WHEN answered THEN begun_at + wait * interval '1 second' END,
    CASE WHEN NOT live
        THEN begun_at + (wait + CASE WHEN answered THEN talk ELSE 0 END) * interval '1 second' END,
    wait,
    CASE WHEN answered THEN talk END
FROM (
    SELECT *,
        status IN ('completed', 'in_progress') AS answered,
        account_place = 0 AND luck_flag < 0.02 OR luck_flag < 0.004 AS flagged,
        CASE WHEN inbound THEN luck_agent < CASE status
                WHEN 'completed' THEN 0.95 WHEN 'in_progress' THEN 0.95 WHEN 'busy' THEN 1
                WHEN 'ringing' THEN 0.8 WHEN 'no_answer' THEN 0.7 WHEN 'failed' THEN 0.5
                ELSE 0.1 END
            ELSE NOT freeclimb END AS rang,
        least(1 + exp(ln(CASE WHEN status IN ('completed', 'in_progress') THEN 11 ELSE 24 END)
            + 0.65 * bell_wait)::bigint, CASE WHEN live
            THEN extract(epoch FROM %(until)s - begun_at)::bigint ELSE 150 END) AS wait,
        -- A call that is over ended before the period did.
        least(1 + exp(ln(95) + 1.1 * bell_talk)::bigint, 7200, greatest(
            extract(epoch FROM %(until)s - begun_at)::bigint - 160, 1)) AS talk
    FROM (
        SELECT m.n, m.live, date_trunc('second', m.begun_at) AS begun_at,
            a.id AS account, a.place AS account_place, a.endpoint, a.provider,
            a.provider_account_id, a.provider = 'freeclimb' AS freeclimb,
            pg_temp.luck(m.n, 3) < 0.7 AS inbound,
            CASE
                WHEN m.live THEN (ARRAY['in_progress', 'ringing', 'queued'])[CASE
                    WHEN pg_temp.luck(m.n, 4) < 0.65 THEN 1
                    WHEN pg_temp.luck(m.n, 4) < 0.92 THEN 2 ELSE 3 END]
                WHEN pg_temp.luck(m.n, 3) < 0.7
                THEN (ARRAY['completed', 'no_answer', 'busy', 'failed', 'canceled'])[1
                    + width_bucket(pg_temp.luck(m.n, 4), ARRAY[0.74, 0.91, 0.95, 0.98])]
                ELSE (ARRAY['completed', 'no_answer', 'busy', 'failed', 'canceled'])[1
                    + width_bucket(pg_temp.luck(m.n, 4), ARRAY[0.68, 0.85, 0.92, 0.97])]
            END AS status,
            -- A quarter of the calls are with customers who call often, some of them very; the
            -- others call once. Numbers of one who calls once cannot be anybody's.
            CASE
                WHEN pg_temp.luck(m.n, 5) < 0.25 AND m.country = 'IN' THEN '+9190000' || lpad((1000
                    + floor(%(regulars_in)s * pg_temp.luck(m.n, 6) ^ 2.5))::text, 5, '0')
                WHEN pg_temp.luck(m.n, 5) < 0.25 THEN '+1312555' || lpad((1000
                    + floor(%(regulars_us)s * pg_temp.luck(m.n, 6) ^ 2.5))::text, 4, '0')
                WHEN m.country = 'IN'
                THEN '+9190000' || lpad(mod(m.n * 2654435761, 10000000)::text, 7, '0')
                ELSE '+1' || 200 + mod(m.n * 2654435761, 8000000) / 10000 || '555'
                    || lpad(mod(m.n * 2654435761, 10000)::text, 4, '0')
            END AS customer,
            CASE m.country
                WHEN 'IN' THEN '+91900000' || lpad((a.place * 10
                    + floor(10 * pg_temp.luck(m.n, 7) ^ 2))::text, 4, '0')
                ELSE '+1312555' || lpad((a.place * 10
                    + floor(10 * pg_temp.luck(m.n, 7) ^ 2))::text, 4, '0')
            END AS service,
            CASE m.country
                WHEN 'IN' THEN '+91900000' || lpad((300 + a.place * 25 + agent_place)::text, 4, '0')
                ELSE '+1312555' || lpad((300 + a.place * 25 + agent_place)::text, 4, '0')
            END AS agent,
            (%(agent_names)s::text[])[1 + mod(a.place * 25 + agent_place, 75)] AS agent_name,
            pg_temp.luck(m.n, 9) AS luck_agent,
            pg_temp.luck(m.n, 10) AS luck_group,
            pg_temp.luck(m.n, 11) AS luck_flag,
            pg_temp.bell(m.n, 12) AS bell_wait,
            pg_temp.bell(m.n, 14) AS bell_talk
        FROM fill_moment AS m
        JOIN fill_account AS a ON a.country = m.country
            AND pg_temp.luck(m.n, 2) >= a.least AND pg_temp.luck(m.n, 2) < a.below
        CROSS JOIN LATERAL (SELECT floor(25 * pg_temp.luck(m.n, 8) ^ 1.8)::int) AS ag (agent_place)
        OFFSET 0  -- not folded into what is above it: each die is thrown once
    ) AS thrown
    OFFSET 0
) AS told;
