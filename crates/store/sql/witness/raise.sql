-- $1 number · $2 mark
select relink.raise_witness(p_number => $1, p_mark => $2)
