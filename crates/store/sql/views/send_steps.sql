-- $1 account · $2 id
-- What the audit has of one send, in order.
select u.event, u.recorded_at, u.from_state, u.to_state, u.code, u.note, u.refunded, u.actor
  from relink.send_audit u
 where u.account_id = $1 and u.send_id = $2
 order by u.id
