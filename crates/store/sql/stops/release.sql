-- $1 ids · $2 at
-- Lets stopped losses go on without an operator.
update relink.stopped_losses
   set state = 'accepted', decided_at = $2, decided_by = 'relink', reason = 'three runs and a look of its own say the same'
 where id = any ($1) and state = 'open'
