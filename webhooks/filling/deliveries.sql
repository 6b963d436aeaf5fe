-- Two deliveries of a call: that it began, that it ended. Few failed, were ignored or unknown.
INSERT INTO webhooks_delivery (
    id, endpoint_id, provider, kind, subject, received_at, received_on, signed_at, method,
    content_type, query, headers, body, state, reason, attempts, processed_at)
SELECT md5(call || which)::uuid, endpoint, provider,
    CASE WHEN fate < 0.002 THEN 'brandNewEvent' ELSE kind END,
    call, received_at, (received_at AT TIME ZONE 'UTC')::date,
    CASE WHEN freeclimb THEN received_at - interval '1 second' END, 'POST',
    CASE WHEN freeclimb THEN 'application/json' ELSE 'application/x-www-form-urlencoded' END,
    '', '{}',
    convert_to(CASE WHEN freeclimb
        THEN '{"accountId":"' || provider_account_id || '","callId":"' || provider_call_id
            || '","callStatus":"' || CASE which WHEN 'first' THEN 'ringing' ELSE status_word END
            || '","conferenceId":null,"direction":"' || direction || '","from":"' || from_number
            || '","parentCallId":null,"queueId":null,"requestType":"' || kind || '","to":"'
            || to_number || '"}'
        ELSE 'SourceNumber=' || replace(from_number, '+', '%%2B') || '&DestinationNumber='
            || substr(service, 2) || '&DialWhomNumber=' || replace(to_number, '+', '%%2B')
            || '&Status=' || CASE which WHEN 'first' THEN 'TransferToAgent' ELSE status_word END
            || '&StartTime=' || to_char(begun_at AT TIME ZONE 'Asia/Kolkata',
                'YYYY-MM-DD+HH24"%%3A"MI"%%3A"SS')
            || '&CallSid=' || provider_call_id || '&Direction='
            || CASE WHEN inbound THEN 'IVR' ELSE 'WEBOBD' END
            || CASE which WHEN 'first' THEN '' ELSE '&CallDuration='
                || extract(epoch FROM ended_at - begun_at)::bigint || '&TalkDuration='
                || coalesce(talk, 0) || '&EndTime=' || to_char(ended_at AT TIME ZONE 'Asia/Kolkata',
                'YYYY-MM-DD+HH24"%%3A"MI"%%3A"SS') || '&call_group=' || group_name
                || '&receiver_name=' || agent_name END
        END, 'UTF8'),
    CASE WHEN fate < 0.002 THEN 'ignored' WHEN fate < 0.004 THEN 'failed' ELSE 'processed' END,
    CASE WHEN fate < 0.002 THEN 'a kind that we do not know'
        WHEN fate < 0.003 THEN 'ValueError: StartTime is no time'
        WHEN fate < 0.004 THEN 'It names another account than its endpoint does.' ELSE '' END,
    1, received_at + interval '20 milliseconds'
FROM (
    SELECT *, provider = 'freeclimb' AS freeclimb,
        CASE WHEN inbound THEN 'inbound' ELSE 'outboundAPI' END AS direction,
        CASE WHEN provider = 'freeclimb' THEN CASE status WHEN 'no_answer' THEN 'noAnswer'
                WHEN 'in_progress' THEN 'inProgress' ELSE status END
            WHEN status = 'completed' THEN 'ANSWER' WHEN status = 'no_answer' THEN 'NO+ANSWER'
            ELSE upper(status) END AS status_word,
        CASE WHEN inbound THEN customer WHEN provider = 'freeclimb' THEN service ELSE agent END
            AS from_number,
        CASE WHEN NOT inbound THEN customer WHEN provider = 'freeclimb' THEN service ELSE agent END
            AS to_number
    FROM fill_story
) AS story
CROSS JOIN LATERAL (
    SELECT 'first' AS which, begun_at + interval '1 second' AS received_at,
        CASE WHEN freeclimb AND inbound THEN 'inboundCall' WHEN freeclimb THEN 'outDialStart'
            ELSE 'live_call' END AS kind, pg_temp.luck(n, 30) AS fate
    UNION ALL
    SELECT 'last', ended_at + interval '2 seconds',
        CASE WHEN freeclimb THEN 'callStatus' ELSE 'call_report' END, pg_temp.luck(n, 31)
    WHERE NOT live
) AS sent;
