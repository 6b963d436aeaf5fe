-- CallerDesk's legs: A was connected first. FreeClimb's: each call is one connection.
INSERT INTO calls_leg (
    id, call_id, side, connected_call_id, party, number, raw_number, name, status, started_at,
    answered_at, ended_at, strength, flags, revision, created_at, updated_at, claims)
SELECT pg_temp.key('leg' || side, n), call, side, connected, party, number, number, name,
    leg_status, started, CASE WHEN leg_status IN ('completed', 'in_progress') THEN picked END,
    ended_at, CASE WHEN live THEN 1 ELSE 2 END, '[]', 1, started + interval '1 second',
    coalesce(ended_at, started) + interval '2 seconds', '{}'
FROM fill_story
CROSS JOIN LATERAL (
    SELECT 'a' AS side, call AS connected, 'customer' AS party, customer AS number, '' AS name,
        status AS leg_status, begun_at AS started, answered_at AS picked
    WHERE inbound OR provider = 'freeclimb'
    UNION ALL
    SELECT 'b', coalesce(child, call), CASE WHEN child IS NULL THEN 'agent' ELSE 'agent' END,
        agent, agent_name, CASE status WHEN 'queued' THEN 'ringing' ELSE status END,
        least(begun_at + interval '1 second', answered_at, ended_at), answered_at
    WHERE inbound AND agent <> ''
    UNION ALL
    SELECT 'a', call, 'agent', agent, agent_name,
        CASE WHEN live OR NOT agent_answered THEN status ELSE 'completed' END, begun_at,
        begun_at + interval '1 second' * least(wait, 4)
    WHERE NOT inbound AND provider = 'callerdesk'
    UNION ALL
    SELECT 'b', call, 'customer', customer, '', status,
        begun_at + interval '1 second' * least(wait, 5), answered_at
    WHERE NOT inbound AND provider = 'callerdesk' AND agent_answered
) AS legs;

-- Some answered calls of FreeClimb met their agent in a conference.
INSERT INTO calls_conference (
    id, account_id, provider_conference_id, alias, status, provider_status, started_at, ended_at,
    strength, flags, revision, created_at, updated_at, claims)
SELECT pg_temp.key('conference', n), account, pg_temp.word('CF', 'conference', n), '',
    CASE WHEN live THEN 'in_progress' ELSE 'terminated' END,
    CASE WHEN live THEN 'inProgress' ELSE 'terminated' END,
    answered_at, ended_at, 1, '[]', 3, answered_at, coalesce(ended_at, answered_at), '{}'
FROM fill_story
WHERE child IS NOT NULL AND answered_at IS NOT NULL AND pg_temp.luck(n, 20) < 0.055;

INSERT INTO calls_participant (
    id, conference_id, call_id, state, joined_at, left_at,
    strength, flags, revision, created_at, updated_at, claims)
SELECT pg_temp.key('participant' || who, n), pg_temp.key('conference', n), member,
    CASE WHEN live THEN 'joined' ELSE 'left' END, answered_at, ended_at,
    1, '[]', 2, answered_at, coalesce(ended_at, answered_at), '{}'
FROM fill_story
CROSS JOIN LATERAL (VALUES ('a', call), ('b', child)) AS members (who, member)
WHERE child IS NOT NULL AND answered_at IS NOT NULL AND pg_temp.luck(n, 20) < 0.055;

-- Every second answered call was recorded.
INSERT INTO calls_recording (
    id, account_id, provider_recording_id, call_id, conference_id, url, duration_seconds,
    size_bytes, format, state, strength, flags, revision, created_at, updated_at, claims)
SELECT pg_temp.key('recording', n), account,
    CASE WHEN freeclimb THEN pg_temp.word('RE', 'recording', n) ELSE '' END, call,
    CASE WHEN child IS NOT NULL AND pg_temp.luck(n, 20) < 0.055
        THEN pg_temp.key('conference', n) END,
    CASE WHEN freeclimb
        THEN 'https://www.freeclimb.com/apiserver/Accounts/' || provider_account_id
            || '/Recordings/' || pg_temp.word('RE', 'recording', n) || '/Download'
        ELSE 'https://callrecords.callerdesk.io/incoming/' || to_char(begun_at, 'MM_YYYY') || '/'
            || left(md5(call::text), 16) || '.wav' END,
    CASE WHEN freeclimb THEN talk END, NULL, CASE WHEN freeclimb THEN '' ELSE 'wav' END,
    'available', CASE WHEN freeclimb THEN 1 ELSE 2 END, '[]', 1,
    ended_at + interval '4 seconds', ended_at + interval '4 seconds', '{}'
FROM (SELECT *, provider = 'freeclimb' AS freeclimb FROM fill_story) AS story
WHERE NOT live AND answered_at IS NOT NULL AND pg_temp.luck(n, 21) < 0.5;

-- What people wrote, on a few thousand calls whatever their number.
INSERT INTO calls_callnote (id, call_id, text, author_id, author_name, created_at, edited_at)
SELECT pg_temp.key('note', n), call,
    (ARRAY['Asked for an offer.', 'Call back on Monday.', 'Wrong number.', 'Very happy with us.'])
        [1 + floor(4 * pg_temp.luck(n, 22))],
    NULL, 'fill', begun_at + interval '1 hour', NULL
FROM fill_story WHERE NOT live AND mod(n, %(note_every)s) = 0;

INSERT INTO calls_calltag (id, call_id, tag_id)
SELECT pg_temp.key('tag', n), call, (%(tags)s::uuid[])[1 + floor(4 * pg_temp.luck(n, 23) ^ 2)]
FROM fill_story WHERE mod(n, %(note_every)s) IN (0, 1, 2);

INSERT INTO calls_calldisposition (id, call_id, disposition_id)
SELECT pg_temp.key('disposition', n), call,
    (%(dispositions)s::uuid[])[1 + floor(4 * pg_temp.luck(n, 24) ^ 2)]
FROM fill_story WHERE NOT live AND mod(n, %(note_every)s) IN (0, 3, 4);
