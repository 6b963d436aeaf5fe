-- Conversations.
INSERT INTO calls_call (
    id, account_id, provider_call_id, parent_id, parent_provider_call_id, is_root, direction,
    status, provider_status, is_over, end_reason, provider_end_reason, provider_error_code,
    hangup_by, missed, flagged, flags, from_number, from_raw, to_number, to_raw,
    customer_number, customer_digits, service_number, agent_number, agent_name, agent_answered,
    begun_at, started_at, answered_at, ended_at, duration_seconds, talk_seconds, waited_seconds,
    answered_by, group_name, ivr_keys, queue_state, queue_id, cost_amount, cost_unit,
    phone_number_id, application_id, provider_request_id, strength, revision, created_at,
    updated_at, claims)
SELECT call, account, provider_call_id, NULL, '', true,
    CASE WHEN inbound THEN 'inbound' ELSE 'outbound' END,
    status,
    CASE WHEN freeclimb THEN CASE status WHEN 'in_progress' THEN 'inProgress'
            WHEN 'no_answer' THEN 'noAnswer' ELSE status END
        ELSE CASE status WHEN 'completed' THEN 'ANSWER' WHEN 'no_answer' THEN 'NO ANSWER'
            WHEN 'in_progress' THEN 'Picked' ELSE upper(status) END END,
    NOT live,
    reason, reason, CASE WHEN live OR freeclimb THEN '' ELSE '0' END,
    CASE WHEN live THEN '' WHEN answered_at IS NULL THEN '' WHEN n %% 3 = 0 THEN 'agent'
        ELSE 'customer' END,
    NOT live AND inbound AND answered_at IS NULL,
    flags <> '[]'::jsonb, flags,
    from_number, from_number, to_number, to_number,
    customer, reverse(substr(customer, 2)), service, agent, agent_name, agent_answered,
    begun_at, begun_at, answered_at, ended_at,
    extract(epoch FROM ended_at - begun_at)::bigint,
    CASE WHEN live THEN NULL WHEN freeclimb THEN talk
        ELSE coalesce(talk, 0) + CASE WHEN flags <> '[]'::jsonb THEN wait + 5 ELSE 0 END END,
    CASE WHEN NOT live OR answered_at IS NOT NULL THEN wait END,
    answered_by, group_name, ivr_keys,
    CASE status WHEN 'queued' THEN 'waiting' ELSE '' END,
    CASE status WHEN 'queued' THEN 'QU' || left(md5(service), 32) ELSE '' END,
    CASE WHEN live OR freeclimb THEN NULL ELSE 1 + (coalesce(talk, 0) / 60) END,
    CASE WHEN live OR freeclimb THEN '' ELSE 'coin' END,
    '', '', CASE WHEN freeclimb OR inbound THEN '' ELSE (60000000 + n)::text END,
    CASE WHEN live THEN 1 ELSE 2 END, 2, begun_at + interval '1 second',
    coalesce(ended_at, answered_at, begun_at) + interval '2 seconds',
    -- As the merge keeps them: which delivery vouches for which field.
    ('{"c": [[' || CASE WHEN live THEN 1 ELSE 2 END || ', '
        || extract(epoch FROM coalesce(ended_at, begun_at))::bigint || '000000, 8, -1, "'
        || md5(call || 'last') || '"], [1, ' || extract(epoch FROM begun_at)::bigint
        || '000000, 2, -1, "' || md5(call || 'first') || '"]], "f": {"answered_at": 0,'
        || ' "created_at": 1, "customer_number": 0, "direction": 0, "duration_seconds": 0,'
        || ' "end_reason": 0, "ended_at": 0, "from_number": 0, "hangup_by": 0,'
        || ' "service_number": 0, "started_at": 1, "status": 0, "strength": 0,'
        || ' "to_number": 0}}')::jsonb
FROM (
    SELECT *, provider = 'freeclimb' AS freeclimb,
        CASE WHEN inbound THEN customer WHEN provider = 'freeclimb' THEN service ELSE agent END
            AS from_number,
        CASE WHEN NOT inbound THEN customer WHEN provider = 'freeclimb' THEN service ELSE agent END
            AS to_number,
        CASE WHEN live THEN '' WHEN status = 'completed' AND provider = 'freeclimb'
            THEN 'far_end_hangup' WHEN status = 'completed' THEN 'answered'
            WHEN status = 'no_answer' AND inbound THEN 'abandoned' ELSE status END AS reason
    FROM fill_story
) AS story;

-- What FreeClimb's inbound calls dialled: calls of their own, listed beneath them.
INSERT INTO calls_call (
    id, account_id, provider_call_id, parent_id, parent_provider_call_id, is_root, direction,
    status, provider_status, is_over, end_reason, provider_end_reason, provider_error_code,
    hangup_by, missed, flagged, flags, from_number, from_raw, to_number, to_raw,
    customer_number, customer_digits, service_number, agent_number, agent_name, agent_answered,
    begun_at, started_at, answered_at, ended_at, duration_seconds, talk_seconds, waited_seconds,
    answered_by, group_name, ivr_keys, queue_state, queue_id, cost_amount, cost_unit,
    phone_number_id, application_id, provider_request_id, strength, revision, created_at,
    updated_at, claims)
SELECT child, account, child_provider_call_id, call, provider_call_id, false, 'outbound_dial',
    CASE status WHEN 'queued' THEN 'ringing' ELSE status END,
    CASE status WHEN 'in_progress' THEN 'inProgress' WHEN 'no_answer' THEN 'noAnswer'
        WHEN 'queued' THEN 'ringing' ELSE status END,
    NOT live, CASE WHEN live THEN '' WHEN status = 'completed' THEN 'app_hangup' ELSE status END,
    '', '', CASE WHEN status = 'completed' THEN 'application' ELSE '' END, false, false, '[]',
    service, service, agent, agent, agent, reverse(substr(agent, 2)), service,
    '', '', NULL,
    begun, begun, answered_at, ended_at, extract(epoch FROM ended_at - begun)::bigint,
    extract(epoch FROM ended_at - answered_at)::bigint,
    CASE WHEN NOT live OR answered_at IS NOT NULL
        THEN extract(epoch FROM coalesce(answered_at, ended_at) - begun)::bigint END,
    '', '', '', '', '', NULL, '', '', '', '',
    CASE WHEN live THEN 1 ELSE 2 END, 2, begun + interval '1 second',
    coalesce(ended_at, answered_at, begun) + interval '2 seconds',
    ('{"c": [[1, ' || extract(epoch FROM begun)::bigint || '000000, 2, -1, "'
        || md5(child || 'first') || '"]], "f": {"created_at": 0, "direction": 0,'
        || ' "from_number": 0, "parent": 0, "started_at": 0, "status": 0, "strength": 0,'
        || ' "to_number": 0}}')::jsonb
FROM fill_story
CROSS JOIN LATERAL (
    SELECT least(begun_at + interval '1 second', answered_at, ended_at) AS begun
) AS dialled
WHERE child IS NOT NULL;
