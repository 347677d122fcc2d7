-- $1 code · $2 subject · $3 detail
select relink.note_events(p_code => $1, p_subject => $2, p_detail => $3)
