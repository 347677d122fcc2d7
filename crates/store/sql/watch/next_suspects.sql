-- Many: each lot costs a walk through the list.
fetch 20000 from suspects
