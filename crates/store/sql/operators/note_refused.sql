-- $1 token · $2 act · $3 why · $4 code
select relink.tell_refused_act(p_token => $1, p_act => $2, p_why => $3, p_code => $4)
