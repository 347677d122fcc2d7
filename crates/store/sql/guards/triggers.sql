select relink.missing_guards() as missing
