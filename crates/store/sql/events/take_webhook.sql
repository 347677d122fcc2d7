-- $1 event · $2 source · $3 message · $4 session · $5 body · $6 job · $7 version · $8 traceparent
select verdict, workspace_id, job_id
  from relink.take_webhook(p_event => $1, p_source => $2, p_message => $3, p_session => $4, p_body => $5, p_job => $6,
                           p_version => $7, p_traceparent => $8)
