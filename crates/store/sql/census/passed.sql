-- $1 then · $2 at · $3 day_then · $4 day_at
-- Whether time alone changed a count between two censuses: a hold's end came, or a send by hand or the end of a case is a day
-- old now.
select exists (select from relink.account_holds h where h.ended_at is null and h.ends_at > $1 and h.ends_at <= $2) as holds,
       exists (select from relink.sends_by_hand s where s.at > $3 and s.at <= $4) as by_hand,
       exists (select from relink.cases c where c.closed_at > $3 and c.closed_at <= $4) as cases
