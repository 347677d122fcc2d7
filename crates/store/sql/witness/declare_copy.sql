-- $1 pause · $2 why
select relink.declare_copy(p_pause => $1, p_why => $2) as is_news
