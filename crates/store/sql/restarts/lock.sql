-- Whoever takes places of the fleet's bound does it alone until its transaction ends; what follows sees what is taken.
update relink.restart_budget set taken_at = $1
