-- $1 accounts · $2 actions · $3 marks · $4 ats · $5 now
select relink.note_by_hand(p_accounts => $1, p_actions => $2, p_marks => $3, p_ats => $4, p_now => $5) as noted
