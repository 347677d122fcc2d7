-- $1 sends · $2 enrollments · $3 steps · $4 slots · $5 subjects · $6 bodies · $7 whys · $8 now
select send_id, verdict, why
  from relink.plan_rendered_sends(p_sends => $1::uuid[], p_enrollments => $2::uuid[], p_steps => $3::text[],
                         p_slots => $4::timestamptz[], p_subjects => $5::text[], p_bodies => $6::text[],
                         p_whys => $7::text[], p_now => $8)
