select relink.count_in_turn($1::text[]) as in_turn
