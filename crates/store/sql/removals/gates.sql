select relink.removal_gates(p_removal => $1, p_switch => $2, p_self_test => $3) as facts
